"""The chat's own row, where the widget may live, and whom it invites."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Agent, Interaction, Queue, Subject, Visit


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
    primary_color = models.CharField(
        _("main colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")],
        help_text=_("#0F766E; a shade that can be read is used where this one cannot."),
    )
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.RIGHT)
    # {"fr": {"welcome": …}}: what replaces the shipped texts of chat.services.texts
    texts = models.JSONField(_("own texts"), default=dict, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def allowed_origins(self) -> list[str]:
        """As a browser's frame-ancestors reads them; our own portal always belongs to its site."""
        parts = urlsplit(settings.PORTAL_URL)
        own = [f"{parts.scheme}://{parts.netloc}"] if self.is_portal else []
        return own + [origin.rstrip("/") for origin in self.origins]

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


class InvitationRule(models.Model):
    """On which pages, and after how long, somebody is offered a chat."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="rules", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=80)
    pages = models.JSONField(
        _("pages"),
        default=list,
        help_text=_('Paths, “*” stands for anything: ["/boutique/lumibox/*"].'),
    )
    seconds = models.PositiveSmallIntegerField(_("seconds on the page"), default=30)
    subject = models.ForeignKey(
        Subject, models.PROTECT, related_name="+", verbose_name=_("subject")
    )
    question_fr = models.CharField(_("question (French)"), max_length=160)
    question_en = models.CharField(_("question (English)"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("invitation rule")
        verbose_name_plural = _("invitation rules")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def question(self, language: str) -> str:
        return (self.question_en if language.startswith("en") else "") or self.question_fr


class Invitation(models.Model):
    """One decision about one visitor: shown, or withheld and why. Nothing is decided unrecorded."""

    class State(models.TextChoices):
        SHOWN = "shown", _("shown")  # unanswered: holds one of its agent's places
        WITHHELD = "withheld", _("withheld")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")  # the place went before the answer

    class Reason(models.TextChoices):
        NONE = "", "-"
        TOO_SOON = "too_soon", _("arrived less than 5 seconds ago")
        EXCLUDED = "excluded", _("page without invitations")
        TYPING = "typing", _("was filling in a form")
        REFUSED = "refused", _("refused one before")
        ONCE = "once", _("already invited in this visit")
        IN_CHAT = "in_chat", _("already in a chat")
        CLOSED = "closed", _("subject closed at that time")
        CLOSING = "closing", _("closes within 15 minutes")
        NOBODY = "nobody", _("no agent had a free place")
        PLACE_GONE = "place_gone", _("the agent's place went to somebody else")

    site = models.ForeignKey(Site, models.CASCADE, related_name="invitations")
    rule = models.ForeignKey(
        InvitationRule,
        models.SET_NULL,
        null=True,
        related_name="invitations",
        verbose_name=_("rule"),
    )
    visit = models.ForeignKey(
        Visit, models.CASCADE, related_name="invitations", verbose_name=_("visit")
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, related_name="+", verbose_name=_("subject")
    )
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, related_name="+", verbose_name=_("queue")
    )
    agent = models.ForeignKey(
        Agent,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("agent"),
    )
    page_url = models.CharField(_("page"), max_length=500)
    page_title = models.CharField(_("page title"), max_length=200, blank=True)
    seconds = models.PositiveIntegerField(_("seconds on the page"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True)
    created_at = models.DateTimeField(_("decided"), default=clock.now)
    # a withheld decision that was taken again keeps one row: how often, and the last time
    times = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last time"), default=clock.now)
    shown_at = models.DateTimeField(_("shown at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    interaction = models.OneToOneField(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitation",
        verbose_name=_("interaction"),
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=~Q(state="withheld"), name="one_invitation_a_visit"
            ),
            models.UniqueConstraint(
                fields=["visit", "rule", "reason"],
                condition=Q(state="withheld"),
                name="withheld_once_per_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="withheld") | ~Q(reason=""), name="withheld_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="shown") | Q(agent__isnull=False, expires_at__isnull=False),
                name="shown_names_an_agent_and_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["agent"], condition=Q(state="shown"), name="places_held"),
            models.Index(fields=["created_at"], name="invitation_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.page_title or self.page_url}: {self.get_state_display()}"


class Chat(models.Model):
    """What a conversation in the widget has beside its interaction."""

    interaction = models.OneToOneField(
        Interaction,
        models.CASCADE,
        primary_key=True,
        related_name="chat",
        verbose_name=_("interaction"),
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="chats", verbose_name=_("site"))
    page_url = models.CharField(_("page"), max_length=500, blank=True)
    page_title = models.CharField(_("page title"), max_length=200, blank=True)
    visitor_name = models.CharField(_("name given"), max_length=80, blank=True)
    # the agent the invitation named; somebody else may have had to take it
    promised_agent = models.ForeignKey(
        Agent,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent promised"),
    )
    # made by the page that opened it, so that a repeated opening finds the same chat
    start_key = models.CharField(max_length=64, unique=True, editable=False)
    # raised to revoke every token given out for this chat
    token_version = models.PositiveSmallIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        ordering = ["-interaction"]

    def __str__(self) -> str:
        return self.interaction.reference
