"""What was promised when an exchange closed without a solution."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import Agent


class NextStep(models.Model):
    """What happens next and by when; then the exchange comes back by itself."""

    interaction = models.ForeignKey(
        Interaction, models.CASCADE, related_name="next_steps", verbose_name=_("exchange")
    )
    text = models.CharField(_("what happens next"), max_length=200)
    due_at = models.DateTimeField(_("by"))
    agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, related_name="+", verbose_name=_("promised by")
    )
    at = models.DateTimeField(_("when"), default=clock.now)
    # it came back, or was closed by hand again: over, or said anew
    done_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction"], condition=Q(done_at=None), name="next_step_once"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at=None), name="next_step_due")]

    def __str__(self) -> str:
        return self.text
