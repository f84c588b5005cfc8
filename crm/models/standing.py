"""What routing keeps at hand, so that a choice costs the same with five agents and with five
hundred. Hints, all of them: rewritten from the truth, and confirmed under a lock before use."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .interaction import Interaction
from .queue import Queue
from .team import Agent


class Standing(models.Model):
    """How free an agent is for one queue in one language. No row: never for that queue."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="standings")
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="standings")
    language = models.CharField(max_length=5)
    rank = models.PositiveSmallIntegerField(default=0)  # 0: their first language, 1: another
    level = models.PositiveSmallIntegerField(default=2)
    room = models.PositiveSmallIntegerField(default=0)  # chats they may take more; 0 when away
    whole = models.BooleanField(default=False)  # free for what takes the whole person
    places = models.PositiveSmallIntegerField(default=0)  # used
    last_at = models.DateTimeField(null=True)  # last given something: longest ago is longest idle

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = [
            models.UniqueConstraint(fields=["agent", "queue", "language"], name="standing_once")
        ]
        indexes = [
            models.Index(
                F("queue"),
                F("language"),
                F("rank"),
                F("level").desc(),
                F("places"),
                F("last_at").asc(nulls_first=True),
                F("agent"),
                condition=Q(room__gt=0),
                name="free_line",
            ),
            models.Index(
                F("queue"),
                F("language"),
                F("rank"),
                F("level").desc(),
                F("places"),
                F("last_at").asc(nulls_first=True),
                F("agent"),
                condition=Q(whole=True),
                name="wholly_free_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} → {self.queue_id} {self.language}: {self.room}"


class HeldForCall(models.Model):
    """An agent gets no new chats until they are free for this call (routing.calls). Counts only
    while the call waits."""

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="held_agent"
    )
    agent = models.OneToOneField(Agent, models.CASCADE, related_name="held_for_call")

    class Meta:
        verbose_name = _("held back for a call")
        verbose_name_plural = _("held back for a call")

    def __str__(self) -> str:
        return f"{self.agent_id} ← {self.interaction_id}"


class Unassigned(models.Model):
    """Why a waiting interaction is not assigned: one code per failing rule and agent, as of the
    last attempt."""

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="unassigned"
    )
    at = models.DateTimeField()
    # {"": ["pull"], "12": ["full"], …}: of the interaction itself, then per agent
    codes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("reason for waiting")
        verbose_name_plural = _("reasons for waiting")

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.at}"
