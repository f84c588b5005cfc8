"""Where the time went. History that is not recorded is lost for ever."""

from datetime import timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from .interaction import Interaction
from .team import Agent

LONG = timedelta(days=1)


def runs_long() -> Q:
    """Still open, or longer than nearly all are. In a stretch of time the others are found by when
    they began (crm.reports.people)."""
    length: Combinable = F("until") - F("since")
    return Q(until=None) | Q(GreaterThan(length, Value(LONG)))


class AgentState(models.Model):
    """What an agent was doing, from when to when: no gap, no overlap."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("available")
        WORKING = "working", _("in work")
        WRAP_UP = "wrap_up", _("wrap-up")
        BREAK = "break", _("break")
        MEETING = "meeting", _("meeting")
        TRAINING = "training", _("training")
        OTHER = "other", _("other activity")
        FINISHING = "finishing", _("finishing")  # ends what is open, takes nothing new
        OFFLINE = "offline", _("offline")

    # states in which routing may hand out new work
    READY = (State.AVAILABLE, State.WORKING, State.WRAP_UP)
    # what they say themselves; the other two come with the work
    BY_HAND = (
        State.AVAILABLE,
        State.BREAK,
        State.MEETING,
        State.TRAINING,
        State.OTHER,
        State.FINISHING,
        State.OFFLINE,
    )

    agent = models.ForeignKey(  # its index is `state_of_agent`
        Agent, models.CASCADE, related_name="states", db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"), null=True, blank=True)  # null: now

    class Meta:
        verbose_name = _("agent state")
        verbose_name_plural = _("agent states")
        ordering = ["-since"]
        indexes = [
            models.Index(fields=["agent", "-since"], name="state_of_agent"),
            BrinIndex(fields=["since"], autosummarize=True, name="state_by_time"),
            models.Index(
                fields=["since"],
                condition=runs_long() & ~Q(state="offline"),
                name="state_runs_long",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(until=None), name="one_current_state"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="state_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.state}"


class WorkSegment(models.Model):
    """A stretch of an agent's work on one interaction. Practice: a chat from assignment to its
    last human message; a mail while open and the agent active; a callback from "I am calling"
    to "hung up"; then wrap-up."""

    class Kind(models.TextChoices):
        WRITE = "write", _("writing")
        CALL = "call", _("call")
        WRAP_UP = "wrap_up", _("wrap-up")

    agent = models.ForeignKey(  # its index is `segment_of_agent`
        Agent, models.CASCADE, related_name="segments", db_index=False
    )
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="segments")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"), null=True, blank=True)  # null: running

    class Meta:
        verbose_name = _("work segment")
        verbose_name_plural = _("work segments")
        ordering = ["-since"]
        indexes = [
            models.Index(fields=["agent", "since"], name="segment_of_agent"),
            BrinIndex(fields=["since"], autosummarize=True, name="segment_by_time"),
            models.Index(fields=["since"], condition=runs_long(), name="segment_runs_long"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "interaction"], condition=Q(until=None), name="one_open_segment"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="segment_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} → {self.interaction_id}"
