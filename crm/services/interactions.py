"""The verbs of an interaction's life: open, assign, transfer, wait, close, reopen, rate.

Every verb locks what it changes (agent, then interaction), writes an event line that both sides
see where it concerns them, and nudges screens and other apps after commit."""

from datetime import datetime, timedelta

from django.db import transaction

from crm import clock, events, registry
from crm.models import (
    Agent,
    Customer,
    IllegalMove,
    Interaction,
    Message,
    Participant,
    Queue,
    Status,
    Subject,
    Visit,
    WorkSegment,
)
from crm.services import posting, presence

Outcome = Interaction.Outcome


class NotFree(Exception):
    """Somebody else has it, or it is closed."""


def _locked(interaction: Interaction | int) -> Interaction:
    key = interaction if isinstance(interaction, int) else interaction.pk
    return Interaction.objects.select_for_update(of=("self",)).get(pk=key)


def _tell(
    interaction: Interaction, event: str, *, to_customer: bool = False, **body: object
) -> None:
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={"event": event, **body},
        to_customer=to_customer,
    )


def _nudge(interaction: Interaction) -> None:
    """The lists on the desks change: they ask for the row again."""
    for group in _groups(interaction):
        events.push(group, "interaction", i=interaction.pk, status=interaction.status)


def _groups(interaction: Interaction) -> list[str]:
    groups = [f"i:{interaction.pk}:staff"]
    if interaction.queue_id:
        groups.append(f"queue:{interaction.queue_id}")
    if interaction.agent_id:
        groups.append(f"agent:{interaction.agent_id}")
    return groups


@transaction.atomic
def open(
    channel: str,
    customer: Customer,
    *,
    subject: Subject | None = None,
    queue: Queue | None = None,
    title: str = "",
    language: str = "fr",
    origin: str = "",
    visit: Visit | None = None,
    device: str = "",
    status: str = Status.WAITING,
    wake_at: datetime | None = None,
    offered: bool = True,
    continues: Interaction | None = None,
    priority: int = 0,
    at: datetime | None = None,
) -> Interaction:
    """Begin an exchange. Its queue is the one given, else the one its subject leads to now.

    `offered`: the customer asks for an agent right now (practice.md 2); a future callback is
    offered when it wakes, an accepted invitation with its first line."""
    at = at or clock.now()
    interaction = Interaction.objects.create(
        channel=registry.channel(channel).name,
        customer=customer,
        subject=subject,
        queue=queue or (subject.queue_at(at) if subject else None),
        title=title[:200],
        language=language[:2],
        origin=origin,
        visit=visit,
        device=device,
        status=status,
        wake_at=wake_at,
        continues=continues,
        priority=priority,
        opened_at=at,
        waiting_since=at if status == Status.WAITING else None,
        offered_at=at if offered and status == Status.WAITING else None,
    )
    Participant.objects.create(
        interaction=interaction, role=Participant.Role.CUSTOMER, customer=customer, joined_at=at
    )
    events.announce(events.interaction_opened, interaction_id=interaction.pk)
    if status == Status.WAITING:
        events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    _nudge(interaction)
    return interaction


@transaction.atomic
def assign(interaction: Interaction, agent: Agent, *, at: datetime | None = None) -> Interaction:
    """Give it to an agent, whatever their load (routing checks that). Raises NotFree."""
    at = at or clock.now()
    Agent.objects.select_for_update().get(pk=agent.pk)
    interaction = _locked(interaction)
    if interaction.status not in (Status.WAITING, Status.PENDING):
        raise NotFree(interaction.reference)
    interaction.move_to(Status.ACTIVE, at)
    interaction.agent = agent
    interaction.assigned_at = interaction.assigned_at or at
    interaction.save()
    _join(interaction, agent, at)
    if registry.channel(interaction.channel).load == "place":
        presence.start_work(agent, interaction, WorkSegment.Kind.WRITE, at)
    _tell(interaction, "assigned", to_customer=True, agent=agent.display_name)
    _nudge(interaction)
    events.push(f"agent:{agent.pk}", "assigned", i=interaction.pk)
    return interaction


def _join(interaction: Interaction, agent: Agent, at: datetime) -> None:
    Participant.objects.update_or_create(
        interaction=interaction,
        agent=agent,
        defaults={"role": Participant.Role.AGENT, "left_at": None},
        create_defaults={"role": Participant.Role.AGENT, "joined_at": at},
    )


def _leave(interaction: Interaction, agent: Agent, at: datetime) -> None:
    Participant.objects.filter(interaction=interaction, agent=agent).update(left_at=at)
    presence.end_work(agent, interaction, at)


@transaction.atomic
def take(interaction_id: int, agent: Agent, *, at: datetime | None = None) -> Interaction:
    """The agent helps themselves to what waits. Raises NotFree when a colleague was faster."""
    Agent.objects.select_for_update().get(pk=agent.pk)
    interaction = _locked(interaction_id)
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
    for key in sorted({a.pk for a in (by, to_agent) if a}):
        Agent.objects.select_for_update().get(pk=key)
    interaction = _locked(interaction)
    if interaction.status == Status.CLOSED:
        raise NotFree(interaction.reference)
    giver = interaction.agent
    if note:
        posting.post(
            interaction,
            author=Message.Author.AGENT,
            kind=Message.Kind.NOTE,
            text=note,
            agent=by,
            to_customer=False,
        )
    if giver:
        _leave(interaction, giver, at)
        events.push(f"agent:{giver.pk}", "interaction", i=interaction.pk, status="gone")
    if interaction.status != Status.WAITING:
        interaction.move_to(Status.WAITING, at)
    interaction.agent = None
    interaction.queue = to_queue or interaction.queue
    interaction.save()
    _tell(interaction, "transferred", to_customer=True, to=str(to_agent or interaction.queue or ""))
    if to_agent:
        interaction = assign(interaction, to_agent, at=at)
    else:
        _nudge(interaction)
        events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    if giver:
        events.announce(events.place_freed, agent_id=giver.pk)
    return interaction


@transaction.atomic
def snooze(
    interaction: Interaction, *, by: Agent | None, until: datetime, give_back: bool = False
) -> Interaction:
    """Set aside until a time, or until another time; an answer of the customer wakes it sooner.

    With `give_back` its queue gets it then, not the agent who has it now."""
    return _set_aside(interaction, by, until, "snoozed", give_back)


@transaction.atomic
def wait_for_customer(interaction: Interaction, *, by: Agent | None) -> Interaction:
    """Answered: it is the customer's turn, without an end date."""
    return _set_aside(interaction, by, None, "their_turn")


def _set_aside(
    interaction: Interaction,
    by: Agent | None,
    until: datetime | None,
    event: str,
    give_back: bool = False,
) -> Interaction:
    at = clock.now()
    interaction = _locked(interaction)
    if interaction.status != Status.PENDING:
        interaction.move_to(Status.PENDING, at)
    interaction.wake_at = until
    agent = interaction.agent
    if agent and give_back:
        _leave(interaction, agent, at)
        events.push(f"agent:{agent.pk}", "interaction", i=interaction.pk, status="gone")
        interaction.agent = None
    interaction.save()
    if agent:
        presence.end_work(agent, interaction, at)
        events.announce(events.place_freed, agent_id=agent.pk)
    _tell(interaction, event, until=until.isoformat() if until else None, by=str(by or ""))
    _nudge(interaction)
    return interaction


def wake_due(at: datetime | None = None) -> int:
    """Pending interactions whose time has come wait for an agent: snoozed mails, due callbacks.

    One conditional UPDATE, so that any number of processes may run it. A sweep."""
    at = at or clock.now()
    with transaction.atomic():
        due = list(
            Interaction.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(status=Status.PENDING, wake_at__lte=at)
            .order_by("wake_at")[:500]
        )
        for interaction in due:
            back_to = Status.ACTIVE if interaction.agent_id else Status.WAITING
            interaction.move_to(back_to, at)
            interaction.offered_at = interaction.offered_at or at
            interaction.save()
            _tell(interaction, "woken")
            _nudge(interaction)
            if back_to == Status.WAITING:
                events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return len(due)


@transaction.atomic
def end_exchange(
    interaction: Interaction, *, at: datetime | None = None, event: str = "ended"
) -> Interaction:
    """The exchange is over (hung up, visitor gone): wrap-up begins and holds the place until the
    closing code, or until the channel's `wrap_up_seconds` are gone. Twice changes nothing."""
    at = at or clock.now()
    interaction = _locked(interaction)
    if interaction.ended_at or interaction.status == Status.CLOSED:
        return interaction
    interaction.ended_at = at
    interaction.save(update_fields=["ended_at"])
    agent = interaction.agent
    if agent and registry.channel(interaction.channel).wrap_up_seconds:
        presence.start_work(agent, interaction, WorkSegment.Kind.WRAP_UP, at)
    _tell(interaction, event, to_customer=True)
    _nudge(interaction)
    return interaction


@transaction.atomic
def close(
    interaction: Interaction,
    *,
    by: Agent | None = None,
    outcome: str,
    real_subject: Subject | None = None,
    nature: str = "",
    at: datetime | None = None,
) -> Interaction:
    """Close it with its code. The agent credited is the one who holds it at this moment.

    Closing a closed one changes nothing: two clicks are one closing."""
    at = at or clock.now()
    interaction = _locked(interaction)
    if interaction.status == Status.CLOSED:
        return interaction
    agent = interaction.agent or by
    interaction.move_to(Status.CLOSED, at)
    interaction.outcome = outcome
    interaction.real_subject = real_subject or interaction.real_subject or interaction.subject
    interaction.nature = nature or interaction.nature
    interaction.closed_by = agent
    if agent:
        interaction.handled_at = _settle_work(interaction, agent, at)
        Participant.objects.filter(interaction=interaction, agent=agent).update(left_at=at)
    interaction.save()
    _tell(interaction, "closed", to_customer=True, outcome=outcome)
    _nudge(interaction)
    events.announce(events.interaction_closed, interaction_id=interaction.pk)
    if agent:
        events.announce(events.place_freed, agent_id=agent.pk)
    return interaction


def _settle_work(interaction: Interaction, agent: Agent, at: datetime) -> datetime:
    """Write the last work and the wrap-up into the ledger; returns the end of handling.

    A chat's work ends with its last human message: the silence until the closing code is wrap-up
    up to the channel's limit, and belongs to nobody beyond it (practice.md 1)."""
    limit = registry.channel(interaction.channel).wrap_up_seconds
    running = WorkSegment.objects.filter(agent=agent, interaction=interaction, until=None).first()
    if running is None or limit is None:
        presence.end_work(agent, interaction, at)
        return at
    last_line = max(
        (t for t in (interaction.last_customer_at, interaction.last_agent_at) if t), default=at
    )
    ended = interaction.ended_at or max(running.since, min(last_line, at))
    handled = min(at, ended + timedelta(seconds=limit))
    if running.kind == WorkSegment.Kind.WRAP_UP:
        presence.end_work(agent, interaction, max(handled, running.since))
    else:
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
    for channel in registry.channels():
        if not channel.wrap_up_seconds:
            continue
        limit = at - timedelta(seconds=channel.wrap_up_seconds)
        ended = Interaction.objects.open().filter(channel=channel.name, ended_at__lte=limit)
        for interaction in ended[:500]:
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
    interaction = _locked(interaction)
    if interaction.status != Status.CLOSED:
        raise IllegalMove(f"{interaction.status} → reopened")
    interaction.move_to(Status.WAITING, at)
    interaction.agent = None
    interaction.save()
    _tell(interaction, "reopened", to_customer=True, by=str(by or ""))
    _nudge(interaction)
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return interaction


@transaction.atomic
def rate(interaction: Interaction, score: int, *, at: datetime | None = None) -> Interaction:
    """Copy the survey's satisfaction (1-5) to the exchange, where lists and reports read it."""
    at = at or clock.now()
    interaction = _locked(interaction)
    interaction.score = score
    interaction.rated_at = at
    interaction.save(update_fields=["score", "rated_at"])
    _tell(interaction, "rated", score=score)
    _nudge(interaction)
    if interaction.closed_by_id:
        events.push(f"agent:{interaction.closed_by_id}", "rated", i=interaction.pk, score=score)
    return interaction
