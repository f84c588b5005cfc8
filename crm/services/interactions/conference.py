"""A second agent in a chat: both write, the customer reads who is there, each holds a place.

The exchange stays its holder's: closing, rating and handling time are theirs; whoever assists has
the time in their own ledger."""

from datetime import datetime

from django.db import transaction

from crm import clock, events, registry
from crm.models import Agent, Interaction, Participant, Status, WorkSegment
from crm.services import capacity, presence

from .base import NotFree, locked_with_agents, nudge, tell

Role = Participant.Role


class NoRoom(Exception):
    """The colleague may not take one more; `codes` are the rules that say so."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def assistants(row: Interaction) -> list[Agent]:
    there = Participant.objects.filter(interaction=row, role=Role.ASSIST, left_at=None)
    return [one.agent for one in there.select_related("agent").order_by("joined_at") if one.agent]


@transaction.atomic
def join(
    interaction: Interaction, agent: Agent, *, by: Agent, at: datetime | None = None
) -> Interaction:
    """The holder brings a colleague in. Twice changes nothing. Raises NotFree when the exchange is
    not in `by`'s hands or is none of several at once, NoRoom when the colleague has no place."""
    at = at or clock.now()
    row = locked_with_agents(interaction, by, agent)
    one_of_several = registry.channel(row.channel).load == "place"
    if row.agent_id != by.pk or row.status != Status.ACTIVE or row.ended_at or not one_of_several:
        raise NotFree(row.reference)
    if agent in (by, *assistants(row)):
        return row
    # neither the queue nor its skills: the holder knows why it is this colleague
    need = capacity.need(row.channel, row.language, None)
    codes = capacity.failing(capacity.of([agent.pk])[agent.pk], need, capacity.now())
    if codes:
        raise NoRoom(codes)
    Participant.objects.update_or_create(
        interaction=row,
        agent=agent,
        defaults={"role": Role.ASSIST, "joined_at": at, "left_at": None},
    )
    presence.start_work(agent, row, WorkSegment.Kind.WRITE, at)
    capacity.recount([agent.pk])
    tell(row, "joined", to_customer=True, agent=agent.display_name)
    nudge(row)
    events.push(f"agent:{agent.pk}", "assigned", i=row.pk)
    return row


@transaction.atomic
def part(interaction: Interaction, agent: Agent, *, at: datetime | None = None) -> Interaction:
    """Whoever assists leaves again; the holder goes on alone. Anybody else changes nothing."""
    at = at or clock.now()
    row = locked_with_agents(interaction, agent)
    for one in assistants(row):
        if agent in (one, row.agent):
            _leave(row, one, at)
            tell(row, "parted", to_customer=True, agent=one.display_name)
            nudge(row)
    return row


def end(row: Interaction, at: datetime, *, but: Agent | None = None) -> None:
    """It leaves its holder's hands: nobody assists any more. The caller holds the row's lock."""
    for agent in assistants(row):
        if agent != but:
            _leave(row, agent, at)


def _leave(row: Interaction, agent: Agent, at: datetime) -> None:
    Participant.objects.filter(interaction=row, agent=agent).update(left_at=at)
    presence.end_work(agent, row, at)
    capacity.recount([agent.pk])
    events.push(f"agent:{agent.pk}", "interaction", i=row.pk, status="gone")
    events.announce(events.place_freed, agent_id=agent.pk)
