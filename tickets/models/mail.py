"""One mail that came in or goes out: headers, source, and how far it got."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.models import Interaction, Message

from .mailbox import Mailbox


class MailQuerySet(models.QuerySet["Mail"]):
    """The words in which everybody asks for mails."""

    def inbound(self) -> "MailQuerySet":
        return self.filter(direction=Mail.Direction.IN)

    def from_people(self) -> "MailQuerySet":
        """Not what a mail server says about a mail of ours."""
        return self.inbound().exclude(verdict="bounce")

    def outbound(self) -> "MailQuerySet":
        return self.filter(direction=Mail.Direction.OUT)

    def to_file(self, before: datetime) -> "MailQuerySet":
        """Stored, but whoever stored them did not come to reading them."""
        return self.filter(state=Mail.State.RECEIVED, stored_at__lt=before)

    def due(self, at: datetime) -> "MailQuerySet":
        return self.filter(state__in=Mail.WAITING, next_try_at__lte=at)

    def stuck(self, since: datetime) -> "MailQuerySet":
        """Claimed so long ago that their sender must be dead."""
        return self.filter(state=Mail.State.IN_FLIGHT, claimed_at__lt=since)

    def visible_to(self, user: Any) -> "MailQuerySet":
        """Mails of the interactions they may see. Mails of no interaction only for who sees all;
        those about accounts (codes, invitations) for nobody: they would open somebody's door."""
        seen = Q(interaction__in=Interaction.objects.visible_to(user))
        if user.is_active and user.is_staff and user.has_perm("crm.view_all_interactions"):
            seen |= Q(interaction=None)
        return self.filter(seen).exclude(template__startswith="accounts/")

    def quarantined(self) -> "MailQuerySet":
        return self.filter(state=Mail.State.QUARANTINED)


class Mail(models.Model):
    """A mail, in or out. An inbound row exists before anything is read; an outbound row is the
    outbox: it is written in the transaction of what it tells, and sent by whoever claims it."""

    class Direction(models.TextChoices):
        IN = "in", _("in")
        OUT = "out", _("out")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")  # stored, not read yet
        FILED = "filed", _("filed")  # its message is in an interaction
        DUPLICATE = "duplicate", _("duplicate")  # the same mail was filed before
        SET_ASIDE = "set_aside", _("set aside")  # spam, robot, list or loop without a thread
        QUARANTINED = "quarantined", _("quarantined")  # could not be filed; see the error
        QUEUED = "queued", _("queued")
        IN_FLIGHT = "in_flight", _("being sent")  # claimed by a sender
        RETRY = "retry", _("will be tried again")
        SENT = "sent", _("sent")  # the next server took it
        DELIVERED = "delivered", _("delivered")  # as the provider or a report says
        FAILED = "failed", _("failed")  # given up, shown in the interaction
        BOUNCED = "bounced", _("came back")  # taken, then reported undeliverable
        CALLED_BACK = "called", _("taken back")  # by its author, before it left

    WAITING = [State.QUEUED, State.RETRY]

    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    state = models.CharField(_("state"), max_length=12, choices=State)
    message = models.OneToOneField(
        Message,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mail",
        verbose_name=_("message"),
    )
    interaction = models.ForeignKey(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("interaction"),
    )
    mailbox = models.ForeignKey(
        Mailbox,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("mailbox"),
    )

    # without its brackets ("message_id" is taken by the message's key)
    header_id = models.CharField(_("Message-ID"), max_length=500, blank=True, db_index=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.JSONField(default=list, blank=True)
    from_email = models.CharField(_("from"), max_length=320, blank=True)
    from_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    reply_to = models.CharField(_("reply to"), max_length=320, blank=True)
    to = models.JSONField(_("to"), default=list, blank=True)
    cc = models.JSONField(_("in copy"), default=list, blank=True)
    bcc = models.JSONField(_("in blind copy"), default=list, blank=True)  # out only
    # in: whom the other server named when it handed the mail over
    envelope_to = models.JSONField(default=list, blank=True)
    subject = models.CharField(pgettext_lazy("mail", "subject"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)  # sanitised; shown in a sandbox only

    # in: the name of the raw bytes in the storage (tickets/mail/store.py)
    source = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0)
    # in: Message-ID with the hash of sender and decoded body; what makes a second copy a copy
    content_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    verdict = models.CharField(_("verdict"), max_length=8, blank=True)
    why = models.CharField(_("why"), max_length=60, blank=True)
    # what our own receiving server found: {"spf": "pass", "dkim": …, "dmarc": …}
    authentication = models.JSONField(default=dict, blank=True)

    # out: given by whoever wants the mail sent once
    key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    template = models.CharField(_("template"), max_length=100, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)  # real time
    claimed_at = models.DateTimeField(null=True, blank=True)  # real time
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    # what the provider calls it in its reports (django-anymail)
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    # where one click ends mails of this kind (List-Unsubscribe)
    unsubscribe_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    # a sender died between handing over and recording: the next server may hold two copies
    maybe_twice = models.BooleanField(_("perhaps sent twice"), default=False)
    error = models.TextField(_("error"), blank=True)

    created_at = models.DateTimeField(_("created"), default=clock.now)
    stored_at = models.DateTimeField(default=clock.wall)  # real time

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-pk"]
        permissions = [("read_source", _("Can read the raw source of mails"))]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "retry"]),
                name="mail_due",
            ),
            models.Index(
                fields=["claimed_at"], condition=Q(state="in_flight"), name="mail_in_flight"
            ),
            models.Index(fields=["stored_at"], condition=Q(state="received"), name="mail_to_file"),
            models.Index(fields=["in_reply_to"], condition=~Q(in_reply_to=""), name="mail_parent"),
            models.Index(
                fields=["stored_at"],
                condition=Q(template="tickets/mail/acknowledgement"),
                name="mail_acknowledged",
            ),
            models.Index(fields=["-id"], condition=Q(state="quarantined"), name="mail_quarantine"),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="mail_at_provider"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.header_id or f"#{self.pk}"


class QuarantineManager(models.Manager["Mail"]):
    def get_queryset(self) -> MailQuerySet:
        return MailQuerySet(self.model, using=self._db).quarantined()


class Quarantine(Mail):
    """Inbound mails that could not be filed: kept with their error until somebody retries them."""

    objects = QuarantineManager()  # type: ignore[assignment, misc]

    class Meta:
        proxy = True
        verbose_name = _("mail in quarantine")
        verbose_name_plural = _("quarantine")
