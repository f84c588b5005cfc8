"""A callback: the customer's number, what we promised, and each time we dialled."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Agent, Interaction

# an immediate promise is kept when we dial within this time (practice: 90 % of first attempts)
PROMPT = timedelta(minutes=5)


class Callback(models.Model):
    """We promised to call somebody back; or they called us, and it is written down."""

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", _("we call")
        INBOUND = "inbound", _("they called")

    interaction = models.OneToOneField(
        Interaction,
        models.CASCADE,
        primary_key=True,
        related_name="callback",
        verbose_name=_("interaction"),
    )
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.OUTBOUND
    )
    # E.164; empty: who called hid their number
    phone = models.CharField(_("number to call"), max_length=16, blank=True)
    # the telephone system's own number of an inbound call, so that a resent one is stored once
    call_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    # where the confirmation goes; a claim of the form, not an identity
    mail = models.EmailField(_("email for the confirmation"), blank=True)
    asked_text = models.TextField(_("what it is about"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    # null: as soon as possible
    slot_start = models.DateTimeField(_("slot from"), null=True, blank=True)
    slot_end = models.DateTimeField(_("slot to"), null=True, blank=True)
    # the moment the present promise falls due: the slot's start, or when it was asked for
    promised_at = models.DateTimeField(_("promised for"))
    # each new promise has a number, so that each is confirmed once
    promise_number = models.PositiveSmallIntegerField(_("promise"), default=1)
    # the promise that its customer was last reminded of
    reminded_promise = models.PositiveSmallIntegerField(default=0)
    attempts_made = models.PositiveSmallIntegerField(_("attempts"), default=0)
    number_confirmed = models.BooleanField(
        _("number confirmed"),
        default=False,
        help_text=_("Somebody answered for this customer on this number."),
    )
    created_at = models.DateTimeField(_("asked for"), default=clock.now)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slot_start=None, slot_end=None) | Q(slot_end__gt=F("slot_start")),
                name="callback_slot_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["phone"], name="callback_by_phone"),
            models.Index(
                fields=["slot_start"],
                condition=Q(slot_start__isnull=False),
                name="callback_by_slot",
            ),
        ]

    def __str__(self) -> str:
        return self.phone


class CallbackAttempt(models.Model):
    """One time an agent dialled, with the promise of that moment, to judge punctuality by."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached")
        NO_ANSWER = "no_answer", _("no answer")
        BUSY = "busy", _("busy")
        VOICEMAIL = "voicemail", _("voicemail")
        WRONG_NUMBER = "wrong_number", _("wrong number")
        LATER = "later", _("asked to be called later")

    callback = models.ForeignKey(Callback, models.CASCADE, related_name="attempts")
    agent = models.ForeignKey(
        Agent, models.PROTECT, related_name="callback_attempts", verbose_name=_("agent")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    promised_at = models.DateTimeField(_("promised for"))
    promised_until = models.DateTimeField(_("promised until"))
    started_at = models.DateTimeField(_("dialled"))
    ended_at = models.DateTimeField(_("hung up"), null=True, blank=True)  # null: on the line

    class Meta:
        verbose_name = _("call attempt")
        verbose_name_plural = _("call attempts")
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["callback"], condition=Q(ended_at=None), name="one_running_attempt"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="attempt_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.started_at:%d/%m %H:%M}"

    @property
    def punctual(self) -> bool:
        """Dialled inside the slot, or within five minutes of an immediate promise."""
        return self.promised_at <= self.started_at <= self.promised_until
