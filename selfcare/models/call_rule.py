"""How a queue calls back: from which number, how long it rings, how often it is tried."""

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Queue

# an area of our own numbering plan: "abroad" is a cost rule, not a border
_HOME = {"FR": {"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"}}
_EVERYWHERE = "*"


def countries_exist(countries: str) -> None:
    unknown = set(countries.upper().split()) - phonenumbers.SUPPORTED_REGIONS - {_EVERYWHERE}
    if unknown:
        raise ValidationError(
            _("No country has this code: %(code)s"), params={"code": " ".join(sorted(unknown))}
        )


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
    countries = models.CharField(
        _("countries called"),
        max_length=200,
        blank=True,
        validators=[countries_exist],
        help_text=_(
            "Besides our own: two-letter codes with blanks between, such as BE CH LU. *: all. "
            "Empty: none, and who gives a number abroad is asked to write."
        ),
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

    def reaches(self, country: str | None) -> bool:
        """Whether numbers of that country are called; None: of no country."""
        home = settings.DEFAULT_PHONE_REGION
        called = self.countries.upper().split()
        return country in _HOME.get(home, {home}) or country in called or _EVERYWHERE in called

    def hints(self, language: str) -> list[str]:
        text = (self.hints_en if language.startswith("en") else "") or self.hints_fr
        return [line.strip() for line in text.splitlines() if line.strip()]
