"""Where the widget may live, and how it looks there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Subject


def check_origins(origins: object) -> None:
    """Refuses what a browser would not take as a frame ancestor: scheme and host, no path."""
    if not isinstance(origins, list):
        raise ValidationError(_("A list of addresses is expected."))
    for origin in origins:
        parts = urlsplit(origin if isinstance(origin, str) else "")
        bare = parts.scheme in {"http", "https"} and parts.netloc and not (parts.path.strip("/"))
        if not bare or any(mark in origin for mark in " ;,'\"?#"):
            raise ValidationError(
                _("“%(origin)s” is not an address like https://www.example.com."),
                params={"origin": origin},
            )


def usual_exclusions() -> list[str]:
    """Pages on which nobody is invited, whatever the rule; a site may change them."""
    return [
        "*paiement*",
        "*payment*",
        "*checkout*",
        "*resili*",
        "*cancel*",
        "*mentions-legales*",
        "*legal*",
        "*cgv*",
        "*confidentialite*",
        "*privacy*",
        "*reclamation*",
        "*complaint*",
        "*mediat*",
        "*accessib*",
    ]


def everywhere() -> list[str]:
    return ["*"]


class Site(models.Model):
    """A website on which the widget may live, and how it looks there."""

    class Side(models.TextChoices):
        RIGHT = "right", _("right")
        LEFT = "left", _("left")

    key = models.SlugField(_("key"), unique=True, help_text=_("Goes into the script tag."))
    name = models.CharField(_("name"), max_length=80)
    origins = models.JSONField(
        _("allowed addresses"),
        default=list,
        blank=True,
        validators=[check_origins],
        help_text=_(
            '["https://www.example.com"]; “*” may stand for the port or the first part of the name.'
        ),
    )
    # the portal is ours: same origin, its session carries the visit
    is_portal = models.BooleanField(_("our own portal"), default=False)
    language = models.CharField(_("language"), max_length=5, default="fr")
    subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("subject of other pages"),
    )
    excluded_pages = models.JSONField(
        _("pages without invitations"), default=usual_exclusions, blank=True
    )
    button_pages = models.JSONField(
        _("pages with the fixed button"),
        default=everywhere,
        blank=True,
        help_text=_('["*"]: every page; []: none, only invitations open the chat there.'),
    )
    primary_color = models.CharField(
        _("main colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")],
        help_text=_("#0F766E; a shade that can be read is used where this one cannot."),
    )
    logo = models.FileField(
        _("logo"),
        upload_to="logos/",
        blank=True,
        help_text=_("PNG, JPEG or WebP, 200 KB at most; shown at the head of the chat."),
    )
    asks_subject = models.BooleanField(
        _("visitors choose the subject"),
        default=True,
        help_text=_("What the page is about is chosen already; they may say something else."),
    )
    shows_unsent = models.BooleanField(
        _("advisers read along while visitors write"),
        default=False,
        help_text=_(
            "What is not sent yet is shown at the desk and never stored. The notice before the "
            "chat says so; ask whoever protects your data first."
        ),
    )
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.RIGHT)
    # {"fr": {"welcome": …}}: what replaces the shipped texts of chat.services.texts
    texts = models.JSONField(_("own texts"), default=dict, blank=True)
    remind_minutes = models.PositiveSmallIntegerField(
        _("minutes until a reminder"),
        default=3,
        help_text=_("The customer says nothing for so long: we ask. 0: never."),
    )
    silent_minutes = models.PositiveSmallIntegerField(
        _("minutes from the reminder to closing"),
        default=5,
        help_text=_("The chat closes then; writing again opens it. 0: never."),
    )
    reopen_hours = models.PositiveSmallIntegerField(
        _("hours in which a closed chat goes on"),
        default=24,
        help_text=_("Afterwards a new chat begins, which knows the old one."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    # of the secret with which the site signs who its visitor is; 0: it has none
    identity_version = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def allowed_origins(self) -> list[str]:
        """As a browser's frame-ancestors reads them. Our own addresses belong to every site: the
        portal carries its own, and the console shows any to whoever keeps it."""
        return [*settings.CSRF_TRUSTED_ORIGINS, *(origin.rstrip("/") for origin in self.origins)]

    def allows(self, address: str) -> bool:
        """Whether a page at this address may carry the widget."""
        parts = urlsplit(address)
        return any(
            _matches(origin, parts.scheme, parts.netloc) for origin in self.allowed_origins()
        )


def _matches(origin: str, scheme: str, netloc: str) -> bool:
    parts = urlsplit(origin)
    host, _colon, port = parts.netloc.partition(":")
    given, _colon, given_port = netloc.lower().partition(":")
    if parts.scheme != scheme or not (port == "*" or port == given_port):
        return False
    if host.startswith("*."):
        return given.endswith(host[1:].lower()) and len(given) >= len(host)
    return given == host.lower()
