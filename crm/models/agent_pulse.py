"""How work was, said by whoever did it: of some exchanges, and of a week.

Nobody reads one person's: what managers see are `crm.services.agent_pulse.shares`, of groups."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import Agent


class ExchangePulse(models.Model):
    """Two taps after an exchange: what was asked was clear, the exchange was cordial."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    explicit = models.BooleanField(_("the request was explicit"), null=True)
    cordial = models.BooleanField(_("the exchange was cordial"), null=True)
    at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("agent pulse")
        verbose_name_plural = _("agent pulses")
        constraints = [
            models.UniqueConstraint(fields=["interaction", "agent"], name="exchange_pulse_once"),
            models.CheckConstraint(
                condition=Q(explicit__isnull=False) | Q(cordial__isnull=False),
                name="exchange_pulse_says_something",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="exchange_pulse_at")]

    def __str__(self) -> str:
        return f"{self.interaction_id}"


class WeekPulse(models.Model):
    """One tap a week: was it too much?"""

    class Load(models.TextChoices):
        TOO_MUCH = "too_much", _("too much")
        JUST_RIGHT = "just_right", _("just right")

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    monday = models.DateField(_("week from"))
    load = models.CharField(_("load"), max_length=10, choices=Load)

    class Meta:
        verbose_name = _("weekly pulse")
        verbose_name_plural = _("weekly pulses")
        constraints = [
            models.UniqueConstraint(fields=["agent", "monday"], name="week_pulse_once"),
            models.CheckConstraint(condition=Q(monday__week_day=2), name="week_pulse_from_monday"),
        ]

    def __str__(self) -> str:
        return f"{self.monday}"
