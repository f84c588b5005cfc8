"""Who is here, what they are doing, and the ledgers that remember it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from crm import clock, events
from crm.models import Agent, AgentState, Heartbeat, Interaction, WorkSegment
from crm.services import capacity
from crm.services.capacity import AWAY_AFTER

State = AgentState.State
LOST = "lost"  # the reason of an offline that the agent did not choose
_AUTOMATIC = {State.AVAILABLE, State.WORKING, State.WRAP_UP}


def beat(agent: Agent) -> None:
    """One of the agent's screens is alive. A lost connection that is back goes on as before: who
    was on a break is on a break."""
    seen = clock.wall()
    Heartbeat.objects.update_or_create(agent=agent, defaults={"seen_at": seen})
    current = current_state(agent)
    if current and current.state == State.OFFLINE and current.reason == LOST:
        before = AgentState.objects.filter(agent=agent, until__lte=current.since)
        last = before.order_by("-until", "-pk").first()
        if last is None or last.state in _AUTOMATIC or last.state == State.OFFLINE:
            set_state(agent, State.AVAILABLE)
        else:
            set_state(agent, last.state, reason=last.reason)


def current_state(agent: Agent) -> AgentState | None:
    return AgentState.objects.filter(agent=agent, until=None).first()


def with_states(agents: QuerySet[Agent]) -> QuerySet[Any]:
    """With `now_state`, `now_reason` and `now_since`, None where nothing runs. In no order: at most
    one runs, and its constraint's index finds it."""
    now = AgentState.objects.filter(agent=OuterRef("pk"), until=None).order_by()
    said = {f"now_{name}": Subquery(now.values(name)[:1]) for name in ("state", "reason", "since")}
    return agents.annotate(**said)


def state_of(agent: Agent) -> str:
    current = current_state(agent)
    return current.state if current else State.OFFLINE


@transaction.atomic
def set_state(agent: Agent, state: str, *, reason: str = "", at: datetime | None = None) -> str:
    """The agent says what they do now; "available" becomes "in work" while work is open.

    Going offline or to a break never closes a chat. Returns the state entered."""
    at = at or clock.now()
    _lock(agent)
    if state in _AUTOMATIC:
        state = _busy_state(agent)
    if state_of(agent) == State.BREAK != state:
        events.announce(events.break_over, agent_id=agent.pk)
    entered = _enter(agent, state, reason, at)
    capacity.rebuild([agent.pk])
    if entered in AgentState.READY:
        events.announce(events.place_freed, agent_id=agent.pk)
    return entered


def _lock(agent: Agent) -> None:
    capacity.lock([agent.pk])


def _busy_state(agent: Agent) -> str:
    kinds = set(WorkSegment.objects.filter(agent=agent, until=None).values_list("kind", flat=True))
    if kinds - {WorkSegment.Kind.WRAP_UP}:
        return State.WORKING
    return State.WRAP_UP if kinds else State.AVAILABLE


def _enter(agent: Agent, state: str, reason: str, at: datetime) -> str:
    """Close the current row and open the next at the same instant: no gap, no overlap."""
    current = AgentState.objects.select_for_update().filter(agent=agent, until=None).first()
    if current:
        if (current.state, current.reason) == (state, reason):
            return state
        at = max(at, current.since)
        current.until = at
        current.save(update_fields=["until"])
    AgentState.objects.create(agent=agent, state=state, reason=reason, since=at)
    events.push("desk", "agent", id=agent.pk, state=state, reason=reason, since=at.isoformat())
    return state


def _refresh(agent: Agent, at: datetime) -> None:
    """After work began or ended: the state follows, unless the agent chose another."""
    current = current_state(agent)
    if current and current.state in _AUTOMATIC:
        _enter(agent, _busy_state(agent), "", at)


@transaction.atomic
def start_work(agent: Agent, interaction: Interaction, kind: str, at: datetime) -> WorkSegment:
    """Begin a stretch of work; an open one of another kind ends here, of the same kind goes on."""
    _lock(agent)
    running = WorkSegment.objects.filter(agent=agent, interaction=interaction, until=None).first()
    if running and running.kind == kind:
        return running
    if running:
        running.until = max(at, running.since)
        running.save(update_fields=["until"])
    segment = WorkSegment.objects.create(agent=agent, interaction=interaction, kind=kind, since=at)
    _refresh(agent, at)
    return segment


@transaction.atomic
def end_work(agent: Agent, interaction: Interaction, at: datetime) -> WorkSegment | None:
    """End the running stretch of this agent on this interaction, if there is one."""
    _lock(agent)
    running = WorkSegment.objects.filter(agent=agent, interaction=interaction, until=None).first()
    if running:
        running.until = max(at, running.since)
        running.save(update_fields=["until"])
        _refresh(agent, clock.now())
    return running


def mark_absent() -> int:
    """Agents not heard of for 30 s are offline in the ledger since then. A sweep."""
    limit = clock.wall() - AWAY_AFTER
    gone = (
        AgentState.objects.filter(until=None)
        .exclude(state=State.OFFLINE)
        .exclude(agent__heartbeat__seen_at__gte=limit)
        .select_related("agent")
    )
    count = 0
    for current in gone:
        set_state(current.agent, State.OFFLINE, reason=LOST)
        count += 1
    return count
