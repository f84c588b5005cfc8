"""How a queue calls back: from which number, how long it rings, how often it is tried."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Queue


class CallRule(models.Model):
    """The manners of one queue's calls; the one without a queue is everybody else's."""

    queue = models.ForeignKey(
        Queue,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="call_rules",
        verbose_name=_("queue"),
        help_text=_("Empty: every queue without a rule of its own."),
    )
    shown_number = models.CharField(
        _("number that calls"),
        max_length=30,
        blank=True,
        help_text=_(
            "Said in confirmations and reminders, so that the customer picks up. "
            "It is written as given here."
        ),
    )
    ring_seconds = models.PositiveSmallIntegerField(
        _("rings for (seconds)"),
        default=30,
        validators=[MinValueValidator(10), MaxValueValidator(90)],
    )
    most_attempts = models.PositiveSmallIntegerField(
        _("attempts at most"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
        help_text=_("Then the customer is told that we stop, and can choose again."),
    )
    again_minutes = models.PositiveSmallIntegerField(
        _("second attempt after (minutes)"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
        help_text=_("Further ones wait for the next half-day."),
    )
    reminder_minutes = models.PositiveSmallIntegerField(
        _("reminder before a slot (minutes)"),
        default=120,
        help_text=_("By email, for slots asked for well before. 0: no reminder."),
    )
    hints_fr = models.TextField(
        _("hints for the call (French)"),
        blank=True,
        help_text=_("Shown on the call sheet, one a line: what to ask, what to check."),
    )
    hints_en = models.TextField(_("hints for the call (English)"), blank=True)

    class Meta:
        verbose_name = _("rule for callbacks")
        verbose_name_plural = _("rules for callbacks")
        ordering = ["queue", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["queue"], nulls_distinct=False, name="one_call_rule_a_queue"
            ),
            models.CheckConstraint(
                condition=Q(most_attempts__gte=1, most_attempts__lte=3), name="three_attempts_most"
            ),
        ]

    def __str__(self) -> str:
        return str(self.queue) if self.queue else str(_("all other queues"))

    def hints(self, language: str) -> list[str]:
        text = (self.hints_en if language.startswith("en") else "") or self.hints_fr
        return [line.strip() for line in text.splitlines() if line.strip()]
