"""Where a mailbox's mail lies until it is fetched, and how far we have read."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .mailbox import Mailbox
from .secret import SecretField


class ImapQuerySet(models.QuerySet["ImapAccount"]):
    def to_fetch(self) -> "ImapQuerySet":
        return self.filter(is_active=True, mailbox__is_active=True)

    def lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew the lease: one fetcher per mailbox, and another when it dies."""
        free = Q(lease_holder=holder) | Q(lease_until=None) | Q(lease_until__lt=now)
        return bool(self.filter(free).update(lease_holder=holder, lease_until=until))


class ImapAccount(models.Model):
    """One folder on an IMAP server, fetched into one mailbox of ours."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("none (on this machine only)")

    class Sign(models.TextChoices):
        PASSWORD = "password", _("password")
        MICROSOFT = "microsoft", _("OAuth2, Microsoft 365")
        GOOGLE = "google", _("OAuth2, Google Workspace")

    class After(models.TextChoices):
        LEAVE = "leave", _("left as it is")
        SEEN = "seen", _("marked as read")
        MOVE = "move", _("moved to another folder")

    mailbox = models.OneToOneField(
        Mailbox, models.CASCADE, related_name="imap", verbose_name=_("mailbox")
    )
    host = models.CharField(_("server"), max_length=253, help_text=_("For example imap.gmail.com."))
    port = models.PositiveIntegerField(
        _("port"), default=993, help_text=_("993 with TLS, 143 with STARTTLS.")
    )
    security = models.CharField(
        _("connection"), max_length=8, choices=Security, default=Security.TLS
    )
    username = models.CharField(_("user name"), max_length=254)
    sign = models.CharField(_("signs in by"), max_length=9, choices=Sign, default=Sign.PASSWORD)
    password = SecretField(_("password"), blank=True)
    # OAuth2: the application's registration, and the consent that the mailbox's owner gave it
    tenant = models.CharField(
        _("tenant"), max_length=80, blank=True, help_text=_("Microsoft only; empty: “common”.")
    )
    client_id = models.CharField(_("client ID"), max_length=200, blank=True)
    client_secret = SecretField(_("client secret"), blank=True)
    refresh_token = SecretField(
        _("refresh token"),
        blank=True,
        help_text=_("From the consent of the mailbox's owner; it is exchanged for access tokens."),
    )
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    after = models.CharField(
        _("a fetched mail is"), max_length=5, choices=After, default=After.SEEN
    )
    move_to = models.CharField(_("moved to"), max_length=200, blank=True)
    takes_old = models.BooleanField(
        _("takes the mail that is already there"),
        default=False,
        help_text=_("Each of them would open a request and be acknowledged."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    # a server that says another validity has forgotten its numbers
    uid_validity = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    last_uid = models.PositiveBigIntegerField(default=0, editable=False)  # stored with us
    marked_uid = models.PositiveBigIntegerField(default=0, editable=False)  # flagged or moved there
    lease_holder = models.CharField(max_length=60, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)  # real time
    checked_at = models.DateTimeField(_("last look"), null=True, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True, editable=False)

    objects = ImapQuerySet.as_manager()

    class Meta:
        verbose_name = _("IMAP account")
        verbose_name_plural = _("IMAP accounts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(after="move") | ~Q(move_to=""), name="imap_moves_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} · {self.host}"
