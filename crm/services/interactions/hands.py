"""Through whose hands it goes: assign, take, transfer."""

from datetime import datetime

from django.db import transaction

from crm import clock, events
from crm.models import Agent, Interaction, Participant, Queue, Status
from crm.services import capacity, noting, presence, targets

from . import conference
from .base import NotFree, locked, locked_with_agents, nudge, tell
from .giving import Gift, give
from .priority import WAITED_BEFORE, clamped


@transaction.atomic
def assign(interaction: Interaction, agent: Agent, *, at: datetime | None = None) -> Interaction:
    """Give it to an agent, whatever their load (routing checks that). Raises NotFree."""
    at = at or clock.now()
    capacity.lock([agent.pk])
    interaction = locked(interaction)
    if interaction.status not in (Status.WAITING, Status.PENDING):
        raise NotFree(interaction.reference)
    stood = interaction.status == Status.PENDING
    gift = Gift(
        interaction.pk, interaction.channel, interaction.queue_id, agent.pk, agent.display_name
    )
    give([gift], at)
    _counted(agent, at)
    interaction = locked(interaction.pk)
    if stood:
        targets.follow(interaction, at)
    return interaction


def _counted(agent: Agent, at: datetime) -> None:
    """It counts at once, also above the limit."""
    known = capacity.of([agent.pk])
    known[agent.pk].last_at = at
    capacity.write(known.values(), capacity.now())


def leave(interaction: Interaction, agent: Agent, at: datetime) -> None:
    Participant.objects.filter(interaction=interaction, agent=agent).update(left_at=at)
    presence.end_work(agent, interaction, at)


@transaction.atomic
def take(interaction_id: int, agent: Agent, *, at: datetime | None = None) -> Interaction:
    """The agent helps themselves to what waits. Raises NotFree when a colleague was faster."""
    capacity.lock([agent.pk])
    interaction = locked(interaction_id)
    if interaction.agent_id == agent.pk and interaction.status in (Status.ACTIVE, Status.PENDING):
        return interaction
    if interaction.status == Status.PENDING and interaction.agent_id:
        raise NotFree(interaction.reference)
    return assign(interaction, agent, at=at)


@transaction.atomic
def transfer(
    interaction: Interaction,
    *,
    by: Agent | None,
    to_agent: Agent | None = None,
    to_queue: Queue | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Interaction:
    """Hand it to a colleague, or back to a queue (its own when none is named), with a note."""
    at = at or clock.now()
    interaction = locked_with_agents(interaction, by, to_agent)
    if interaction.status == Status.CLOSED:
        raise NotFree(interaction.reference)
    giver = interaction.agent
    conference.end(interaction, at, but=to_agent)
    if note:
        noting.note(interaction, note, agent=by)
    if giver:
        leave(interaction, giver, at)
        events.push(f"agent:{giver.pk}", "interaction", i=interaction.pk, status="gone")
    if interaction.status != Status.WAITING:
        interaction.move_to(Status.WAITING, at)
    interaction.agent = None
    interaction.queue = to_queue or interaction.queue
    if giver and not to_agent:  # not behind everybody who has come since
        interaction.priority = clamped(interaction.priority + WAITED_BEFORE)
    interaction.save()
    targets.follow(interaction, at, recount=True)  # another queue, perhaps other rules and hours
    tell(interaction, "transferred", to_customer=True, to=str(to_agent or interaction.queue or ""))
    if to_agent:
        interaction = assign(interaction, to_agent, at=at)
    else:
        nudge(interaction)
        events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    if giver:
        capacity.recount([giver.pk])
        events.announce(events.place_freed, agent_id=giver.pk)
    return interaction
