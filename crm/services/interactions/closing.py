"""How it ends, and what comes after: wrap-up, reopening, the rating."""

from datetime import datetime, timedelta

from django.db import transaction

from crm import clock, events, registry
from crm.models import (
    Agent,
    IllegalMove,
    Interaction,
    NextStep,
    Participant,
    Status,
    Subject,
    WorkSegment,
)
from crm.services import capacity, presence, targets
from crm.services.turns import last_agent

from . import complaints, conference, next_steps, wrap_up
from .base import locked, locked_with_agents, nudge, tell
from .hands import take, transfer

Outcome = Interaction.Outcome
# the codes a person may give, the frequent ones first; "refused" is for complaints
BY_HAND = (
    Outcome.SOLVED,
    Outcome.INFORMED,
    Outcome.PROMISED,
    Outcome.ORDER,
    Outcome.HANDED_ON,
    Outcome.SILENT,
    Outcome.CANCELLED,
    Outcome.SPAM,
    Outcome.REFUSED,
)
_AT_ONCE = 500


@transaction.atomic
def end_exchange(
    interaction: Interaction, *, at: datetime | None = None, event: str = "ended"
) -> Interaction:
    """The exchange is over (hung up, visitor gone): wrap-up begins and holds the place until the
    closing code, or until the channel's `wrap_up_seconds` are gone. Twice changes nothing."""
    at = at or clock.now()
    interaction = locked_with_agents(interaction)
    if interaction.ended_at or interaction.status == Status.CLOSED:
        return interaction
    interaction.ended_at = at
    interaction.save(update_fields=["ended_at"])
    conference.end(interaction, at)
    agent = interaction.agent
    if agent and wrap_up.seconds(interaction):
        presence.start_work(agent, interaction, WorkSegment.Kind.WRAP_UP, at)
    tell(interaction, event, to_customer=True)
    nudge(interaction)
    return interaction


@transaction.atomic
def close(
    interaction: Interaction,
    *,
    by: Agent | None = None,
    outcome: str,
    real_subject: Subject | None = None,
    nature: str = "",
    founded: bool | None = None,
    next_step: next_steps.Next | None = None,
    at: datetime | None = None,
) -> Interaction:
    """Close it with its code. The agent credited is the one who holds it at this moment.

    Closing a closed one changes nothing: two clicks are one closing. A complaint has rules of its
    own (complaints.py) and raises NotAnswered, NoRecourse or NoComplaint for whoever breaks them;
    one that would close by itself goes back to its queue instead. Raises NotSaid when somebody
    promises without `next_step`."""
    at = at or clock.now()
    interaction = locked_with_agents(interaction, by)
    if interaction.status == Status.CLOSED:
        return interaction
    next_steps.before_closing(outcome, next_step, by)
    try:
        complaints.before_closing(
            interaction, outcome=outcome, nature=nature, founded=founded, at=at
        )
    except complaints.NotAnswered:
        if by is not None:
            raise
        return _give_back(interaction, at)
    agent = interaction.agent or by
    conference.end(interaction, at)
    interaction.move_to(Status.CLOSED, at)
    interaction.outcome = outcome
    about = real_subject or interaction.real_subject or interaction.subject
    interaction.real_subject = about and about.current
    if interaction.nature != Interaction.Nature.COMPLAINT:
        interaction.nature = nature or interaction.nature
    interaction.closed_by = agent
    if agent:
        interaction.handled_at = _settle_work(interaction, agent, at)
        Participant.objects.filter(interaction=interaction, agent=agent).update(left_at=at)
    interaction.save()
    targets.follow(interaction, at)
    tell(interaction, "closed", to_customer=True, outcome=outcome)
    next_steps.keep(interaction, next_step, by, at)
    nudge(interaction)
    events.announce(events.interaction_closed, interaction_id=interaction.pk)
    if agent:
        capacity.recount([agent.pk])
        events.announce(events.place_freed, agent_id=agent.pk)
    return interaction


def _give_back(interaction: Interaction, at: datetime) -> Interaction:
    """No rule closes an unanswered complaint: somebody writes to the customer first."""
    interaction.ended_at = None
    interaction.save(update_fields=["ended_at"])
    return transfer(interaction, by=None, at=at)


def _settle_work(interaction: Interaction, agent: Agent, at: datetime) -> datetime:
    """Write the last work and the wrap-up into the ledger; returns the end of handling.

    A chat's work ends with its last human message: the silence until the closing code is wrap-up
    up to the channel's limit, and belongs to nobody beyond it (docs/decisions.md)."""
    limit = wrap_up.seconds(interaction)
    running = WorkSegment.objects.filter(agent=agent, interaction=interaction, until=None).first()
    begun = running.since if running else interaction.held_since
    if begun is None or limit is None:
        presence.end_work(agent, interaction, at)
        return at
    last_line = max(
        (t for t in (interaction.last_customer_at, interaction.last_agent_at) if t), default=at
    )
    ended = interaction.ended_at or max(begun, min(last_line, at))
    handled = min(at, ended + timedelta(seconds=limit))
    if running and running.kind == WorkSegment.Kind.WRAP_UP:
        presence.end_work(agent, interaction, max(handled, running.since))
    elif running:  # none when it was set aside: that work is in the ledger already
        presence.end_work(agent, interaction, ended)
        if handled > ended:
            WorkSegment.objects.create(
                agent=agent,
                interaction=interaction,
                kind=WorkSegment.Kind.WRAP_UP,
                since=ended,
                until=handled,
            )
    interaction.ended_at = ended
    return handled


def finish_wrap_ups(at: datetime | None = None) -> int:
    """Ended exchanges whose wrap-up time is gone close without a code, so that the place comes
    free. A sweep."""
    at = at or clock.now()
    count = 0
    wrapping = [channel.name for channel in registry.channels() if channel.wrap_up_seconds]
    ended = Interaction.objects.open().filter(channel__in=wrapping, ended_at__lte=at)
    for interaction in ended.select_related("queue").order_by("ended_at")[:_AT_ONCE]:
        end = wrap_up.ends_at(interaction)
        if end is None or end > at:
            continue
        outcome = Outcome.SOLVED if interaction.first_answer_at else Outcome.ABANDONED
        close(interaction, outcome=interaction.outcome or outcome, at=at)
        count += 1
    return count


@transaction.atomic
def reopen(
    interaction: Interaction, *, by: Agent | None = None, at: datetime | None = None
) -> Interaction:
    """Open a closed one again; it waits, and goes to its queue. Raises IllegalMove when open."""
    at = at or clock.now()
    interaction = locked(interaction)
    if interaction.status != Status.CLOSED:
        raise IllegalMove(f"{interaction.status} → reopened")
    interaction.wanted_agent_id = last_agent(interaction, at)
    interaction.move_to(Status.WAITING, at)
    interaction.agent = None
    interaction.save()
    targets.follow(interaction, at)
    tell(interaction, "reopened", to_customer=True, by=str(by or ""))
    nudge(interaction)
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return interaction


def bring_back(at: datetime | None = None) -> int:
    """Promises that are due: their exchanges wait again, for whoever promised first. A sweep."""
    at = at or clock.now()
    due = NextStep.objects.filter(done_at=None, due_at__lte=at).order_by("due_at")
    return sum(_bring_back(key, at) for key in due.values_list("interaction", flat=True)[:_AT_ONCE])


@transaction.atomic
def _bring_back(key: int, at: datetime) -> bool:
    row = locked(key)
    step = row.next_steps.filter(done_at=None, due_at__lte=at).first()
    if step is None:  # said anew, or brought back, in between
        return False
    next_steps.over(row, at)
    if row.status == Status.CLOSED:  # else the customer was back before
        row = reopen(row, at=at)
        tell(row, "next_step_due", step=step.text)
    return True


@transaction.atomic
def take_up(interaction: Interaction, agent: Agent) -> Interaction:
    """Whoever opens a closed one again by hand has it."""
    capacity.lock([agent.pk])
    return take(reopen(interaction, by=agent).pk, agent)


@transaction.atomic
def rate(interaction: Interaction, score: int, *, at: datetime | None = None) -> Interaction:
    """Copy the survey's satisfaction (1-5) to the exchange, where lists and reports read it."""
    at = at or clock.now()
    interaction = locked(interaction)
    interaction.score = score
    interaction.rated_at = at
    interaction.save(update_fields=["score", "rated_at"])
    tell(interaction, "rated", score=score)
    nudge(interaction)
    if interaction.closed_by_id:
        events.push(f"agent:{interaction.closed_by_id}", "rated", i=interaction.pk, score=score)
    return interaction
