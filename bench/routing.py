"""Assignments per second, in transactions of many (a drain) and one by one (a place comes free),
beside bare SQL that locks and writes the same rows, by key and prepared, in transactions of the
same size; and what one costs, and asks, with few and with many who wait and who answer."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import psycopg

from bench._statements import sent
from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
MANY = (max(200, int(10_000 * SIZE)), max(20, int(500 * SIZE)))  # waiting, agents
FEW = (max(200, int(1_000 * SIZE)), max(10, int(50 * SIZE)))
PLACES = 3
_BATCH = 25
_TURNS = max(50, int(200 * SIZE))


def run() -> Iterator[Figure]:
    _one_by_one(_world(100, 50), turns=10)  # plans, connection: warm for all
    few, many = (f"{waiting} waiting, {agents} agents" for waiting, agents in (FEW, MANY))

    given, bare = _drained(_world(*MANY))
    yield Figure(given, f"assignments/s, drain, {many}", "bare SQL, by 25, no round trips", bare)
    small, bare = _one_by_one(_world(*FEW))
    yield Figure(1 / small, f"assignments/s, one by one, {few}", "bare SQL, one by one", 1 / bare)
    queue = _world(*MANY)
    one, bare = _one_by_one(queue)
    yield Figure(1 / one, f"assignments/s, one by one, {many}", "bare SQL, one by one", 1 / bare)
    yield Figure(one * 1e6, f"µs for one, {many}", few, small * 1e6)
    asked = _statements_of_one(queue)
    yield Figure(asked, f"statements for one, {many}", few, _statements_of_one(_world(*FEW)))

    small, least = _arrivals(_world(0, FEW[1]))
    one, most = _arrivals(_world(0, MANY[1]))
    yield Figure(one * 1e6, f"µs from opening to assigned, {MANY[1]} agents", few, small * 1e6)
    yield Figure(most, f"statements from opening to assigned, {MANY[1]} agents", few, least)


def _world(waiting: int, agents: int) -> Any:
    """A queue with so many who wait and so many free agents of two languages; nothing else."""
    from django.db import connection

    from crm import clock, models
    from crm.services import capacity

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE crm_interaction, crm_agent, crm_queue, crm_customer, crm_agentstate CASCADE"
        )
    schedule, _made = models.Schedule.objects.get_or_create(
        name="bench", defaults={"always_open": True}
    )
    queue = models.Queue.objects.create(slug="bench", name_fr="Bench", schedule=schedule)
    users = models.User.objects.bulk_create(
        models.User(email=f"{time.perf_counter_ns()}.{n}@bench.example", is_staff=True)
        for n in range(agents)
    )
    people = models.Agent.objects.bulk_create(
        models.Agent(user=user, display_name="Bea", chat_places=PLACES, languages=["fr", "en"])
        for user in users
    )
    at = clock.now()
    models.AgentSkill.objects.bulk_create(
        models.AgentSkill(agent=one, queue=queue) for one in people
    )
    models.AgentState.objects.bulk_create(
        models.AgentState(agent=one, state="available", since=at) for one in people
    )
    models.Heartbeat.objects.bulk_create(
        models.Heartbeat(agent=one, seen_at=clock.wall() + timedelta(hours=1)) for one in people
    )
    customer = models.Customer.objects.create(first_name="Ada")
    models.Interaction.objects.bulk_create(
        models.Interaction(
            channel="chat", customer=customer, queue=queue, opened_at=at, offered_at=at,
            waiting_since=at + timedelta(milliseconds=n), priority=n % 3,
        )
        for n in range(waiting)
    )  # fmt: skip
    capacity.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return queue


def _drained(queue: Any) -> tuple[float, float]:
    """Assignments per second to the one half of the agents, and of bare SQL to the other half."""
    from crm.models import Agent, AgentState
    from crm.services import capacity, routing

    agents = list(Agent.objects.values_list("pk", flat=True))
    half = agents[: len(agents) // 2]
    AgentState.objects.filter(agent__in=half).update(state="break")
    capacity.recount(half)
    began = time.perf_counter()
    given = routing.drain(queue)
    ours = given / (time.perf_counter() - began)
    pairs = _pairs(half * PLACES)
    began = time.perf_counter()
    for start in range(0, len(pairs), _BATCH):
        _bare(pairs[start : start + _BATCH], first=start < len(half))
    return ours, len(pairs) / (time.perf_counter() - began)


def _one_by_one(queue: Any, *, turns: int = _TURNS) -> tuple[float, float]:
    """Seconds from a freed place to its next chat, everybody else full: closing is not counted.
    And of bare SQL, turn by turn beside it."""
    from crm.services import routing

    agents = _all_full(queue)
    pairs = iter(_pairs((agents * (turns // len(agents) + 1))[:turns]))
    spent = bare = 0.0
    for n, pair in enumerate(pairs):
        agent_id = agents[(n + len(agents) // 2) % len(agents)]
        _free(agent_id)
        began = time.perf_counter()
        given = routing.fill(agent_id)
        spent += time.perf_counter() - began
        if given != 1:
            raise RuntimeError(f"{given} given instead of 1")
        _free(pair[0])
        began = time.perf_counter()
        _bare([pair], first=True)
        bare += time.perf_counter() - began
    return spent / turns, bare / turns


def _all_full(queue: Any) -> list[int]:
    from crm.models import Agent
    from crm.services import capacity, routing

    Agent.objects.update(chat_places=1)
    capacity.rebuild()
    routing.drain(queue)
    return list(Agent.objects.values_list("pk", flat=True))


def _statements_of_one(queue: Any) -> int:
    from crm.models import Agent
    from crm.services import routing

    key = Agent.objects.values_list("pk", flat=True)[0]
    Agent.objects.update(chat_places=1)
    _free(key)
    with sent() as statements:
        routing.fill(key)
    return len(statements)


def _free(agent_id: int) -> None:
    """As closing does, without its cost: the place is free and known to be."""
    from crm import clock
    from crm.models import AgentState, Interaction, WorkSegment
    from crm.services import capacity

    at = clock.now()
    Interaction.objects.filter(agent=agent_id, status="active").update(
        status="closed", closed_at=at, handled_at=at
    )
    WorkSegment.objects.filter(agent=agent_id, until=None).update(until=at)
    AgentState.objects.filter(agent=agent_id, until=None).update(state="available")
    capacity.recount([agent_id])


def _arrivals(queue: Any) -> tuple[float, int]:
    """Seconds from an opened chat to its agent, and in how many statements."""
    from crm import clock
    from crm.models import Customer, Interaction
    from crm.services import routing

    customer = Customer.objects.get()
    spent = 0.0
    turns = min(_TURNS, FEW[1] * PLACES)
    for _n in range(turns):
        at = clock.now()
        row = Interaction.objects.create(
            channel="chat", customer=customer, queue=queue, opened_at=at, waiting_since=at
        )
        with sent() as statements:
            began = time.perf_counter()
            routing.assign_one(row.pk)
            spent += time.perf_counter() - began
    return spent / turns, len(statements)


# -- what it is held against: the same rows, each by its key, nothing decided

_STEPS = (
    "SELECT id FROM crm_agent WHERE id = %(agent)s FOR NO KEY UPDATE",
    "SELECT id FROM crm_interaction WHERE id = %(key)s AND status = 'waiting' FOR NO KEY UPDATE",
    "UPDATE crm_interaction SET status = 'active', agent_id = %(agent)s, assigned_at = %(at)s,"
    " held_since = %(at)s, waiting_since = NULL, wake_at = NULL, wanted_until = NULL,"
    " staff_seq = staff_seq + 1, customer_seq = customer_seq + 1 WHERE id = %(key)s",
    "INSERT INTO crm_participant (interaction_id, role, agent_id, address, delivered_seq,"
    " read_seq, joined_at) VALUES (%(key)s, 'agent', %(agent)s, '', 0, 0, %(at)s)",
    "INSERT INTO crm_worksegment (agent_id, interaction_id, kind, since)"
    " VALUES (%(agent)s, %(key)s, 'write', %(at)s)",
    "INSERT INTO crm_message (interaction_id, kind, author, text, body, staff_seq, customer_seq,"
    " created_at) VALUES (%(key)s, 'event', 'system', '', %(body)s, 1, 1, %(at)s)",
    "UPDATE crm_standing SET places = places + 1, room = greatest(room - 1, 0), whole = false,"
    " last_at = %(at)s WHERE agent_id = %(agent)s",
)
_STATE = (
    "UPDATE crm_agentstate SET until = %(at)s WHERE agent_id = %(agent)s AND until IS NULL",
    "INSERT INTO crm_agentstate (agent_id, state, reason, since)"
    " VALUES (%(agent)s, 'working', '', %(at)s)",
)


def _pairs(agents: list[int]) -> list[tuple[int, int]]:
    """Somebody who waits for each of them, from the end of the line: no one else's."""
    from crm.models import Interaction

    waiting = list(Interaction.objects.waiting().in_line().values_list("pk", flat=True))
    return list(zip(agents, waiting[-len(agents) :], strict=True))


def _bare(pairs: list[tuple[int, int]], *, first: bool) -> None:
    """One transaction; prepared, and many of the same statement in one round trip."""
    from django.db import connection, transaction

    from crm import clock

    body = orjson.dumps({"event": "assigned", "agent": "Bea"}).decode()
    at = clock.now()
    given = [{"agent": agent, "key": key, "at": at, "body": body} for agent, key in pairs]
    with transaction.atomic(), psycopg.Cursor(connection.connection) as cursor:
        # an agent's state changes with their first
        for step in _STEPS + _STATE if first else _STEPS:
            if len(given) == 1:
                cursor.execute(step, given[0], prepare=True)
            else:
                cursor.executemany(step, given)
