"""Who works when, how much newcomers hold, and who waits for a break."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .team import Agent


class Shift(models.Model):
    """An agent's working hours of one day. At its end they finish what is open, nothing new."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="shifts", verbose_name=_("agent"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    # the end was acted on once: who goes on of their own will is left alone
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["-starts_at"]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(finished_at=None), name="shift_to_finish")
        ]
        constraints = [
            models.UniqueConstraint(fields=["agent", "starts_at"], name="shift_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.starts_at:%d/%m %H:%M}"


class PlaceStep(models.Model):
    """From this day on the agent holds so many chats at once; newcomers begin with fewer."""

    agent = models.ForeignKey(
        Agent, models.CASCADE, related_name="place_steps", verbose_name=_("agent")
    )
    from_day = models.DateField(
        _("from"), help_text=_("Newcomers begin with few, and hold more from a day on.")
    )
    chat_places = models.PositiveSmallIntegerField(
        _("chats at once"), validators=[MaxValueValidator(20)]
    )

    class Meta:
        verbose_name = _("places from a day on")
        verbose_name_plural = _("places from a day on")
        ordering = ["from_day"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "from_day"], name="step_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.from_day}: {self.chat_places}"


class PauseRequest(models.Model):
    """An agent waits for a break: their team has its quota out. First come, first served."""

    agent = models.OneToOneField(
        Agent, models.CASCADE, primary_key=True, related_name="pause_request"
    )
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=clock.now)

    class Meta:
        verbose_name = _("waiting for a break")
        verbose_name_plural = _("waiting for a break")
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.asked_at}"
