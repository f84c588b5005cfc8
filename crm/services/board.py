"""The board of a team lead: the lines, what is late, who does what. Same queries at any size."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from crm import clock
from crm.models import Agent, AgentState, DueTime, Interaction, Queue, Status
from crm.services import capacity, presence, rights

State = AgentState.State
# in the order in which a lead looks: who works, who could, who is away
_ORDER = [
    State.WORKING, State.WRAP_UP, State.AVAILABLE, State.FINISHING, State.BREAK, State.MEETING,
    State.TRAINING, State.OTHER, State.OFFLINE,
]  # fmt: skip
_MOST = 400  # exchanges in hands, the oldest first


@dataclass(slots=True)
class Line:
    """One queue: who waits, since when, what runs out, and who is behind it now."""

    queue: Queue
    waiting: int = 0
    longest: datetime | None = None
    active: int = 0
    soon: int = 0  # targets at risk: warned of, not late yet
    late: int = 0
    people: int = 0  # ready now


@dataclass(slots=True)
class Person:
    """One agent: what they do, since when, and what they have."""

    agent: Agent
    state: str
    reason: str
    since: datetime | None
    used: int
    places: int
    rows: list[Interaction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    at: datetime
    lines: list[Line]
    people: list[Person]


def now(user: Any) -> Board:
    """What this user leads: the whole house, else their team and the queues it stands behind."""
    at = clock.now()
    agents, queues = _led(user)
    people = _people(agents)
    known = capacity.of([one.agent.pk for one in people])
    for one in people:
        one.used, one.places = known[one.agent.pk].places, known[one.agent.pk].limit
    ready = {one.agent.pk for one in people if one.state in AgentState.READY}
    lines = {queue.pk: Line(queue) for queue in queues}
    for queue in (queue for key in ready for queue in known[key].queues):
        if queue in lines:
            lines[queue].people += 1
    _count(lines, at)
    _hands(people, Interaction.objects.visible_to(user))
    return Board(at, list(lines.values()), people)


def _led(user: Any) -> tuple[QuerySet[Agent], QuerySet[Queue]]:
    agents, queues = Agent.objects.filter(user__is_active=True), Queue.objects.order_by("pk")
    if rights.sees_all(user):
        return agents, queues
    own = getattr(user, "agent", None)
    if own is None or own.team_id is None:
        return agents.none(), queues.none()
    team = agents.filter(team=own.team_id)
    return team, queues.filter(skills__agent__in=team).distinct()


def _people(agents: QuerySet[Agent]) -> list[Person]:
    people = [
        Person(one, one.now_state or State.OFFLINE, one.now_reason or "", one.now_since, 0, 0)
        for one in presence.with_states(agents).order_by("display_name", "pk")
    ]
    return sorted(people, key=lambda one: _ORDER.index(State(one.state)))


def _count(lines: dict[int, Line], at: datetime) -> None:
    rows = Interaction.objects.filter(queue__in=lines).exclude(status=Status.CLOSED)
    counts = rows.order_by().values("queue").annotate(
        waiting=Count("pk", Q(status=Status.WAITING)), active=Count("pk", Q(status=Status.ACTIVE)),
        longest=Min("waiting_since", filter=Q(status=Status.WAITING)),
    )  # fmt: skip
    for one in counts:
        line = lines[one["queue"]]
        line.waiting, line.active, line.longest = one["waiting"], one["active"], one["longest"]
    running = DueTime.objects.filter(done_at=None, interaction__queue__in=lines)
    due = running.order_by().values("interaction__queue").annotate(
        late=Count("interaction", Q(due_at__lte=at), distinct=True),
        soon=Count("interaction", Q(due_at__gt=at, warn_at__lte=at), distinct=True),
    )  # fmt: skip
    for waits in due:
        line = lines[waits["interaction__queue"]]
        line.late, line.soon = waits["late"], waits["soon"]


def _hands(people: list[Person], visible: QuerySet[Interaction]) -> None:
    by_agent = {one.agent.pk: one for one in people}
    rows = visible.filter(agent__in=by_agent, status=Status.ACTIVE).select_related("customer")
    for row in rows.order_by("assigned_at", "pk")[:_MOST]:
        by_agent[row.agent_id or 0].rows.append(row)
