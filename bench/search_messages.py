"""Searching a million messages by their words, as an agent of four queues out of eight.

Value: the whole search of a page (question, rights, messages, passages). References: the one
statement that somebody would write by hand for the same answer; and the statements it sent, sent
again without it. BENCH_SIZE scales the number."""

import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench._statements import again, sent
from bench._words import WORDS, drop_index, make_index, write_vectors
from bench._words import vocabulary as words_to_say
from bench.figure import Figure

_DAYS = 730
_LINES = 12  # per exchange
_PROBES = 120


def run() -> Iterator[Figure]:
    count = int(1_000_000 * float(os.environ.get("BENCH_SIZE", "1")))
    user, vocabulary = _world(count)
    questions = _questions(vocabulary)
    for best, name in ((False, "newest first"), (True, "best first")):
        spent, bare = _measure(user, questions, best)
        plain = _plain(user, questions, best)
        for share, value in (("p95", _p95), ("p50", statistics.median)):
            unit = f"ms {share}, {name}, {count} messages"
            yield Figure(value(spent), unit, f"one statement by hand, ms {share}", value(plain))
            yield Figure(value(spent), unit, f"its statements alone, ms {share}", value(bare))


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _questions(vocabulary: list[str]) -> list[str]:
    """One word or two, from the most frequent to the rarest."""
    draw = random.Random(7)
    found = []
    for n in range(_PROBES):
        first = vocabulary[int(len(vocabulary) ** draw.random()) - 1]
        second = vocabulary[int(len(vocabulary) ** (draw.random() * 0.7)) - 1]
        found.append(first if n % 2 else f"{first} {second}")
    return found


def _measure(user: Any, questions: list[str], best: bool) -> tuple[list[float], list[float]]:
    """Milliseconds of the product's search and, right after it, of the statements it sent."""
    from crm.models import User
    from crm.services import search

    spent, bare = [], []
    for question in questions:  # warm: pages in memory, plans known
        search.find_messages(user, question, best=best)
    for question in questions:
        someone = User.objects.get(pk=user.pk)  # rights are read anew, as in a request,
        someone.has_perm("crm.view_interaction")  # whose door has asked for the permission
        with sent() as statements:
            start = time.perf_counter()
            search.find_messages(someone, question, best=best)
            spent.append((time.perf_counter() - start) * 1000)
        bare.append(again(statements) * 1000)
    return spent, bare


# what one would write by hand: the index, the joins, the order; and for the best, the same weight
_PLAIN = """
SELECT t.message_id, t.said_at, t.vector FROM crm_messagetext t
JOIN crm_message m ON m.id = t.message_id JOIN crm_interaction i ON i.id = m.interaction_id
WHERE t.vector @@ %s::tsquery AND m.deleted_at IS NULL
  AND (i.agent_id = %s OR i.queue_id IS NULL
    OR i.queue_id IN (SELECT queue_id FROM crm_agentskill WHERE agent_id = %s))
ORDER BY t.said_at DESC, t.message_id DESC LIMIT %s
"""
_BEST = f"""
SELECT message_id FROM ({_PLAIN}) newest
ORDER BY ts_rank(vector, %s::tsquery, 1)
  / (1 + greatest(0, extract(epoch FROM now() - said_at)) / 7776000) DESC LIMIT 20
"""


def _plain(user: Any, questions: list[str], best: bool) -> list[float]:
    from django.db import connection

    from crm.services.search import words
    from crm.services.search.messages import BEST_OF

    spent = []
    for question in questions:
        asked = words.query(words.asked(question))
        with connection.cursor() as cursor:
            start = time.perf_counter()
            given = [asked, user.agent.pk, user.agent.pk, BEST_OF if best else 20]
            cursor.execute(_BEST if best else _PLAIN, [*given, asked] if best else given)
            cursor.fetchall()
            spent.append((time.perf_counter() - start) * 1000)
    return spent


def _world(count: int) -> tuple[Any, list[str]]:
    """Eight queues, an agent behind four, exchanges over two years; all by COPY."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from config.demo.history.tables import Table
    from crm import clock
    from crm.models import (
        Agent,
        AgentSkill,
        Customer,
        Interaction,
        Message,
        Queue,
        Schedule,
        User,
    )
    from crm.services import roles

    roles.ensure()
    hours = Schedule.objects.create(name="always", always_open=True)
    queues = [
        Queue.objects.create(slug=f"q{n}", name_fr=f"File {n}", schedule=hours) for n in range(8)
    ]
    user = User.objects.create_user("bea@bench.example", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.AGENT))
    agent = Agent.objects.create(user=user, display_name="Bea")
    for queue in queues[:4]:
        AgentSkill.objects.create(agent=agent, queue=queue)
    customer = Customer.objects.create(last_name="Banc")
    vocabulary = words_to_say()
    draw, now = random.Random(5), clock.now()
    exchanges = -(-count // _LINES)
    opened = sorted(now - timedelta(days=_DAYS) * draw.random() for _n in range(exchanges))
    rows = Table(Interaction)
    for n, at in enumerate(opened, 1):
        rows.add(
            id=n, channel="chat", status="closed", customer_id=customer.pk, outcome="solved",
            queue_id=queues[n % 8].pk, opened_at=at, closed_at=at, staff_seq=_LINES,
            customer_seq=_LINES,
        )  # fmt: skip
    rows.write()
    lines = list(_lines(count, opened, draw))
    said = Table(Message)
    for key, exchange, seq, at, drawn in lines:
        text = " ".join(vocabulary[n] for n in drawn)
        said.add(
            id=key, interaction_id=exchange, author="customer", text=text, staff_seq=seq,
            customer_seq=seq, created_at=at,
        )  # fmt: skip
        if len(said.rows) >= 20_000:
            said.write()
    said.write()
    drop_index()
    write_vectors(
        (key, at, [vocabulary[n] for n in drawn]) for key, _exchange, _seq, at, drawn in lines
    )
    make_index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE crm_messagetext")
        cursor.execute("VACUUM ANALYZE crm_message")
        cursor.execute("VACUUM ANALYZE crm_interaction")
    return user, vocabulary


def _lines(count: int, opened: list[Any], draw: random.Random) -> Iterator[Any]:
    for key in range(1, count + 1):
        exchange = (key - 1) // _LINES
        seq = (key - 1) % _LINES + 1
        drawn = [int(WORDS ** draw.random()) - 1 for _n in range(draw.randint(4, 18))]
        yield key, exchange + 1, seq, opened[exchange] + timedelta(seconds=30 * seq), drawn
