"""Words an agent has begun and not sent: they follow the agent to any other machine."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import Agent


class Draft(models.Model):
    """One per agent, exchange and kind. Nobody else reads it; sent, it is gone."""

    class Kind(models.TextChoices):
        TEXT = "text", _("reply")
        NOTE = "note", _("internal note")
        WHISPER = "whisper", _("whisper")

    LONGEST = 100_000

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+", verbose_name=_("agent"))
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("words"))
    at = models.DateTimeField(_("when"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["agent", "interaction", "kind"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
