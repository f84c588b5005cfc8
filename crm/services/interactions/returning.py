"""Back to the line, or into another one, by rule: unanswered offers, lost agents, lines that nobody
serves in time or at this hour."""

from datetime import datetime

from django.db import transaction

from crm import clock, events
from crm.models import Agent, Interaction, Participant, Queue, Status, WorkSegment
from crm.services import capacity, presence, targets

from . import conference
from .base import locked, locked_with_agents, nudge, tell
from .hands import leave
from .priority import WAITED_BEFORE, clamped


@transaction.atomic
def give_back(
    interaction: Interaction, holder: Agent, why: str, *, at: datetime | None = None
) -> bool:
    """Its agent did not answer in time ("unanswered") or is lost ("lost"): it waits again, further
    in front. False when it is not that agent's any more."""
    at = at or clock.now()
    interaction = locked_with_agents(interaction, holder)
    if interaction.agent_id != holder.pk or interaction.status == Status.CLOSED:
        return False
    if interaction.status != Status.ACTIVE or interaction.ended_at:
        return False
    conference.end(interaction, at)
    leave(interaction, holder, at)
    if why == "unanswered":
        taken = Participant.objects.filter(interaction=interaction, agent=holder)
        taken.update(lapsed_at=at)
    interaction.move_to(Status.WAITING, at)
    interaction.agent = None
    interaction.priority = clamped(interaction.priority + WAITED_BEFORE)
    interaction.save()
    tell(interaction, "given_back", why=why, agent=holder.display_name)
    tell(interaction, "waiting", to_customer=True)
    events.push(f"agent:{holder.pk}", "interaction", i=interaction.pk, status="gone")
    nudge(interaction)
    capacity.recount([holder.pk])
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return True


@transaction.atomic
def overflow(interaction: Interaction, to: Queue, *, at: datetime | None = None) -> bool:
    """Nobody here has answered in time: it goes on waiting in another line, from its own time on.
    Once only."""
    interaction = locked(interaction)
    if interaction.status != Status.WAITING or interaction.overflowed_from_id:
        return False
    interaction.overflowed_from = interaction.queue
    _wait_in(interaction, to, "overflowed", at or clock.now())
    return True


@transaction.atomic
def follow_hours(interaction: Interaction, *, at: datetime | None = None) -> bool:
    """Its queue has closed, and its subject is served by another one now: it waits there, from its
    own time on."""
    at = at or clock.now()
    interaction = locked(interaction)
    left, subject = interaction.queue, interaction.subject
    if interaction.status != Status.WAITING or left is None or subject is None:
        return False
    to = subject.other_than(left)
    if to is None or left.schedule.is_open(at) or not to.schedule.is_open(at):
        return False
    _wait_in(interaction, to, "hours", at)
    return True


def _wait_in(interaction: Interaction, to: Queue, event: str, at: datetime) -> None:
    """In another line, told why. The caller holds the lock."""
    nudge(interaction)  # the old line's screens
    interaction.queue = to
    interaction.save(update_fields=["queue", "overflowed_from"])
    targets.follow(interaction, at, recount=True)  # perhaps other rules and hours
    tell(interaction, event, to=to.name)
    nudge(interaction)
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)


@transaction.atomic
def resume(interaction: Interaction, *, at: datetime | None = None) -> bool:
    """The silent customer is back with their agent: the work goes on, and counts."""
    at = at or clock.now()
    interaction = locked_with_agents(interaction)
    agent = interaction.agent
    if interaction.status != Status.ACTIVE or agent is None or interaction.ended_at:
        return False
    presence.start_work(agent, interaction, WorkSegment.Kind.WRITE, at)
    capacity.recount([agent.pk])
    events.push(f"agent:{agent.pk}", "assigned", i=interaction.pk)
    return True
