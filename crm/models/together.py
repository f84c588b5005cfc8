"""Colleagues in one exchange: who was named in a note, and what a lead whispered to its agent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .message import Message
from .team import Agent, User


class Mention(models.Model):
    """A colleague whom an internal note names with @: they may read the exchange from then on."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="mentions")
    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["message", "agent"], name="mention_once")]
        indexes = [
            models.Index(fields=["agent", "interaction"], name="mentioned_in"),
            models.Index(fields=["agent"], condition=Q(seen_at=None), name="mention_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} @{self.agent_id}"


class Whisper(models.Model):
    """What somebody who watches says to the agent of an exchange: to nobody else."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="whispers")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+", verbose_name=_("agent"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("whispered by"))
    text = models.CharField(_("words"), max_length=1000)
    at = models.DateTimeField(_("when"), default=clock.now)
    heard_at = models.DateTimeField(_("heard"), null=True, blank=True)

    class Meta:
        verbose_name = _("whisper")
        verbose_name_plural = _("whispers")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["interaction"], condition=Q(heard_at=None), name="whisper_unheard"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
