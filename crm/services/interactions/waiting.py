"""Set aside, and woken."""

from datetime import datetime

from django.db import transaction

from crm import clock, events, registry
from crm.models import Agent, Interaction, Status, WorkSegment
from crm.services import capacity, presence, targets

from . import conference
from .base import locked_with_agents, nudge, tell
from .closing import close
from .hands import leave


@transaction.atomic
def snooze(
    interaction: Interaction,
    *,
    by: Agent | None,
    until: datetime,
    give_back: bool = False,
    closes: bool = False,
) -> Interaction:
    """Set aside until a time, or until another time; an answer of the customer wakes it sooner.

    With `give_back` its queue gets it then, not the agent who has it now; with `closes` it is
    closed then, the customer having fallen silent."""
    return _set_aside(
        interaction, by, until, "closes_then" if closes else "snoozed", give_back, closes
    )


@transaction.atomic
def wait_for_customer(interaction: Interaction, *, by: Agent | None) -> Interaction:
    """Answered: it is the customer's turn, without an end date."""
    return _set_aside(interaction, by, None, "their_turn")


@transaction.atomic
def fall_silent(interaction: Interaction) -> Interaction | None:
    """Answered, and no word for a while: its place is free, its agent keeps it. None when the
    customer has just come back."""
    row = locked_with_agents(interaction)
    spoke = row.last_customer_at and row.last_agent_at and row.last_customer_at > row.last_agent_at
    if row.status != Status.ACTIVE or row.ended_at or spoke:
        return None
    return _set_aside(row, None, None, "silent")


def _set_aside(
    interaction: Interaction,
    by: Agent | None,
    until: datetime | None,
    event: str,
    give_back: bool = False,
    closes: bool = False,
) -> Interaction:
    at = clock.now()
    interaction = locked_with_agents(interaction, by)
    if interaction.status != Status.PENDING:
        interaction.move_to(Status.PENDING, at)
    interaction.wake_at, interaction.wake_closes = until, closes
    agent = interaction.agent
    conference.end(interaction, at)
    if agent and give_back:
        leave(interaction, agent, at)
        events.push(f"agent:{agent.pk}", "interaction", i=interaction.pk, status="gone")
        interaction.agent = None
    elif agent:
        presence.end_work(agent, interaction, at)
    interaction.save()
    if agent:
        capacity.recount([agent.pk])
        events.announce(events.place_freed, agent_id=agent.pk)
    targets.follow(interaction, at)
    tell(interaction, event, until=until.isoformat() if until else None, by=str(by or ""))
    nudge(interaction)
    return interaction


@transaction.atomic
def take_back(interaction: Interaction, by: Agent) -> Interaction:
    """What its agent has set aside is theirs to act on again."""
    at = clock.now()
    interaction = locked_with_agents(interaction, by)
    interaction.move_to(Status.ACTIVE, at)
    interaction.save()
    presence.start_work(by, interaction, WorkSegment.Kind.WRITE, at)
    capacity.recount([by.pk])
    targets.follow(interaction, at)
    tell(interaction, "woken")
    nudge(interaction)
    return interaction


def close_unanswered(at: datetime | None = None) -> int:
    """Set aside "and closed if nobody answers", and nobody has. A sweep."""
    at = at or clock.now()
    due = Interaction.objects.filter(status=Status.PENDING, wake_at__lte=at, wake_closes=True)
    count = 0
    for key in list(due.order_by("wake_at").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            row = locked_with_agents(key)
            if (
                row.status == Status.PENDING
                and row.wake_closes
                and row.wake_at
                and row.wake_at <= at
            ):
                close(row, outcome=Interaction.Outcome.SILENT, at=at)
                count += 1
    return count


def wake_due(at: datetime | None = None) -> int:
    """Pending interactions whose time has come wait for an agent: snoozed mails, due callbacks.

    What another process has locked is left to it. A sweep."""
    at = at or clock.now()
    with transaction.atomic():
        due = list(
            Interaction.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(status=Status.PENDING, wake_at__lte=at, wake_closes=False)
            .order_by("wake_at")[:500]
        )
        for interaction in due:
            back_to, due_at = Status.WAITING, interaction.wake_at
            if interaction.agent_id:
                back_to = Status.ACTIVE
                events.push(f"agent:{interaction.agent_id}", "assigned", i=interaction.pk)
            interaction.move_to(back_to, at)
            # with its agent it stays to be read: until they write, it is for them to act
            interaction.wake_at = due_at if interaction.agent_id else None
            interaction.offered_at = interaction.offered_at or at
            interaction.save()
            targets.follow(interaction, at)
            tell(interaction, "woken")
            nudge(interaction)
            if back_to == Status.WAITING:
                if registry.channel(interaction.channel).load == "place":
                    tell(interaction, "waiting", to_customer=True)  # they see their place again
                events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return len(due)
