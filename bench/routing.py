"""Assignments per second, in transactions of many (a drain) and one by one (a place comes free),
beside bare SQL that locks and writes the same rows in transactions of the same size; and what one
costs with few and with many who wait and who answer."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson

from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
MANY = (max(200, int(10_000 * SIZE)), max(20, int(500 * SIZE)))  # waiting, agents
FEW = (100, 50)
PLACES = 3
_TURNS = max(50, int(200 * SIZE))


def run() -> Iterator[Figure]:
    waiting, agents = MANY
    words = f"{waiting} waiting, {agents} agents"
    _one_by_one(_world(*FEW), turns=10)  # plans, connection: warm for all
    queue = _world(*MANY)
    bare = _bare(queue, count=min(waiting // 3, agents * PLACES), batch=25)
    queue = _world(*MANY)
    yield Figure(_drained(queue), f"assignments/s, drain, {words}", "bare SQL, by 25", bare)

    bare = _bare(_world(*MANY), count=_TURNS, batch=1)
    queue = _world(*MANY)
    one = _one_by_one(queue)
    yield Figure(1 / one, f"assignments/s, one by one, {words}", "bare SQL, one by one", bare)

    few = _one_by_one(_world(FEW[0] + FEW[1], FEW[1]))
    much = f"µs for one, {words}"
    yield Figure(one * 1e6, much, f"{FEW[0]} waiting, {FEW[1]} agents", few * 1e6)
    few = _one_by_one(_world(FEW[0] + MANY[1], MANY[1]))
    yield Figure(one * 1e6, much, f"{FEW[0]} waiting, {MANY[1]} agents", few * 1e6)
    few = _arrivals(_world(0, FEW[1]))
    many = _arrivals(_world(0, MANY[1]))
    yield Figure(
        many * 1e6, f"µs from opening to assigned, {MANY[1]} agents", f"{FEW[1]}", few * 1e6
    )


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


def _drained(queue: Any) -> float:
    from crm.services import routing

    began = time.perf_counter()
    given = routing.drain(queue)
    return given / (time.perf_counter() - began)


def _one_by_one(queue: Any, *, turns: int = _TURNS) -> float:
    """Seconds from a freed place to its next chat, everybody else full: closing is not counted."""
    from crm.models import Agent, Interaction
    from crm.services import capacity, routing

    # everybody holds as much as they can
    Agent.objects.update(chat_places=1)
    agents = list(Agent.objects.values_list("pk", flat=True))
    capacity.rebuild()
    routing.drain(queue)
    spent, done = 0.0, 0
    for key in (agents * (turns // len(agents) + 1))[:turns]:
        left = Interaction.objects.waiting().filter(queue=queue).exists()
        if not left:
            break
        _free(key)
        began = time.perf_counter()
        given = routing.fill(key)
        spent += time.perf_counter() - began
        if given != 1:
            raise RuntimeError(f"{given} given instead of 1")
        done += 1
    return spent / done


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


def _arrivals(queue: Any) -> float:
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
        began = time.perf_counter()
        routing.assign_one(row.pk)
        spent += time.perf_counter() - began
    return spent / turns


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


def _bare(queue: Any, *, count: int, batch: int) -> float:
    from django.db import connection, transaction

    from crm import clock
    from crm.models import Agent, Interaction

    keys = list(Interaction.objects.filter(queue=queue).values_list("pk", flat=True)[:count])
    agents = list(Agent.objects.values_list("pk", flat=True))
    body = orjson.dumps({"event": "assigned", "agent": "Bea"}).decode()
    began = time.perf_counter()
    for start in range(0, len(keys), batch):
        with transaction.atomic(), connection.connection.cursor() as cursor:
            for n, key in enumerate(keys[start : start + batch], start):
                agent = agents[n % len(agents)]
                given = {"agent": agent, "key": key, "at": clock.now(), "body": body}
                # an agent's state changes with their first
                for step in _STEPS if n >= len(agents) else _STEPS + _STATE:
                    cursor.execute(step, given, prepare=True)
    return len(keys) / (time.perf_counter() - began)
