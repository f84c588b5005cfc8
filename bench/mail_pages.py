"""The pages of mail as one agent uses them, with 100,000 tickets and 500,000 messages.

Value: one page at a time through the whole of Django (its middleware, its templates). References:
the statements it sent, sent again without it; and for the number of them, the most there may be.
BENCH_SIZE scales the number."""

import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bench._server import cpu
from bench._statements import again, sent
from bench._words import drop_index, make_index, vocabulary, write_vectors
from bench.figure import Figure

A_TICKET = 5  # messages
_DAYS = 730
_OPEN = 0.1  # of the tickets
_VISITS = 30
_MOST = 12  # statements of a list
# planted: in the messages of so many tickets
RARE, LATER, COMMON = "zyzomys", "quokkaire", "bonjour"
_SHARES = {RARE: 50, LATER: 20}


def run() -> Iterator[Figure]:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    tickets = int(100_000 * float(os.environ.get("BENCH_SIZE", "1")))
    user = _world(tickets)
    for name, address in _pages(tickets).items():
        spent, busy, bare, statements = _visit(user, address)
        unit = f"ms p50, {name}, {tickets:,} tickets"
        yield Figure(statistics.median(spent), unit, "its statements alone, ms p50", bare)
        unit_busy = f"ms of processor, {name}, the database's session within"
        yield Figure(busy, unit_busy, "ms p50 by the clock", statistics.median(spent))
        p95 = statistics.quantiles(spent, n=20)[-1]
        yield Figure(p95, unit.replace("p50", "p95"), "p50", statistics.median(spent))
        yield Figure(statements, f"statements, {name}", "the most for a list", _MOST)
    for name, word in (("rare", RARE), ("only in a later message", LATER), ("common", COMMON)):
        spent, bare = _search(user, word)
        yield Figure(spent, f"ms p50, search, {name} word", "its statements alone, ms p50", bare)


def _pages(tickets: int) -> dict[str, str]:
    from crm.models import Interaction

    row = Interaction.objects.filter(status="closed").order_by("-pk")[tickets // 3]
    rows = "/console/crm/interaction/?channel=mail"
    return {
        "list, open": f"{rows}&status__exact=waiting",
        "list, all": rows,
        "list, closed": f"{rows}&status__exact=closed",
        "list, page 200": f"{rows}&p=200",
        "detail, five messages": f"/console/crm/interaction/{row.pk}/change/",
        "desk": "/console/desk/",
        "mails": "/console/tickets/mail/",
        "search page, rare word": f"/console/find/?q={RARE}",
    }


def _visit(user: Any, address: str) -> tuple[list[float], float, float, int]:
    """By the clock, by the processor (which other work on the machine disturbs less), its
    statements alone, and their number."""
    from django.conf import settings
    from django.db import connection

    from tests.doors import signed_in

    client = signed_in(user, second_factor=True)
    client.defaults["HTTP_HOST"] = urlsplit(settings.CONSOLE_URL).netloc
    connection.ensure_connection()
    session = connection.connection.info.backend_pid
    spent, bare, most, busy = [], [], 0, 0.0
    for visit in range(_VISITS + 3):
        with sent() as statements:
            start, work = time.perf_counter(), time.process_time() + cpu(session)
            answer = client.get(address)
            work = time.process_time() + cpu(session) - work
            took = (time.perf_counter() - start) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        if visit >= 3:  # warm: pages in memory, plans known
            spent.append(took)
            busy += work * 1000 / _VISITS
            reading = [one for one in statements if str(one.query).startswith("SELECT")]
            bare.append(again(reading) * 1000)
            most = max(most, len(statements))
    return spent, busy, statistics.median(bare), most


def _search(user: Any, word: str) -> tuple[float, float]:
    from crm.models import User
    from crm.services import search

    spent, bare = [], []
    for _visit in range(_VISITS):
        someone = User.objects.get(pk=user.pk)  # rights are read anew, as in a request
        with sent() as statements:
            start = time.perf_counter()
            found = search.find_messages(someone, word, best=False)
            spent.append((time.perf_counter() - start) * 1000)
        bare.append(again(statements) * 1000)
    if not found:
        raise RuntimeError(f"nothing found for {word}")
    return statistics.median(spent), statistics.median(bare)


def _world(tickets: int) -> Any:
    """Four queues and an agent behind them, tickets over two years; all by COPY."""
    from django.contrib.auth.models import Group

    from crm import clock
    from crm.models import Agent, AgentSkill, Queue, Schedule, User
    from crm.services import roles
    from tickets.models import Mailbox

    roles.ensure()
    hours, _made = Schedule.objects.get_or_create(name="pages", defaults={"always_open": True})
    queues = [
        Queue.objects.create(slug=f"pages{n}", name_fr=f"File {n}", schedule=hours)
        for n in range(4)
    ]
    boxes = [
        Mailbox.objects.create(address=f"pages{n}@lumio.example", name=f"Boîte {n}", queue=queue)
        for n, queue in enumerate(queues)
    ]
    user = User.objects.create_user("bea@pages.example", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.AGENT))
    agent = Agent.objects.create(user=user, display_name="Bea")
    for queue in queues:
        AgentSkill.objects.create(agent=agent, queue=queue)
    draw, now = random.Random(5), clock.now()
    opened = sorted(now - timedelta(days=_DAYS) * draw.random() for _n in range(tickets))
    first = _write_tickets(opened, queues, boxes, draw)
    _write_said(first, opened, draw)
    _settle()
    return user


def _write_tickets(opened: list[datetime], queues: Any, boxes: Any, draw: random.Random) -> int:
    """One customer for every five; returns the first ticket's number."""
    from config.demo.history.tables import Table
    from crm.models import Customer, Identity, Interaction, Participant
    from tickets.models import Ticket

    people, proofs, rows = Table(Customer), Table(Identity), Table(Interaction)
    parts, written = Table(Participant), Table(Ticket)
    customers = [
        people.add(first_name="Ada", last_name=f"Banc {n}", name_key=f"ada banc {n}")
        for n in range(len(opened) // 5 + 1)
    ]
    for key in customers:
        proofs.add(customer_id=key, kind="mail", value=f"c{key}@pages.example")
    first = 0
    for n, at in enumerate(opened):
        is_open = draw.random() < _OPEN
        key = rows.add(
            channel="mail", customer_id=customers[n // 5], queue_id=queues[n % 4].pk,
            status="waiting" if is_open else "closed", outcome="" if is_open else "solved",
            title=f"Ma box clignote, dossier {n}", opened_at=at, offered_at=at,
            waiting_since=at if is_open else None, closed_at=None if is_open else at,
            last_customer_at=at, staff_seq=A_TICKET, customer_seq=A_TICKET,
        )  # fmt: skip
        first = first or key
        parts.add(interaction_id=key, role="customer", customer_id=customers[n // 5], joined_at=at)
        written.add(interaction_id=key, mailbox_id=boxes[n % 4].pk)
    for table in (people, proofs, rows, parts, written):
        table.write()
    return first


def _write_said(first: int, opened: list[datetime], draw: random.Random) -> None:
    from config.demo.history.tables import Table
    from crm.models import Message
    from tickets.models import Mail

    said, mails = Table(Message), Table(Mail)
    known = vocabulary()
    planted = {
        word: set(draw.sample(range(len(opened)), min(count, len(opened))))
        for word, count in _SHARES.items()
    }
    vectors = []
    for n, at in enumerate(opened):
        for seq in range(1, A_TICKET + 1):
            drawn = [known[int(len(known) ** draw.random()) - 1] for _n in range(25)]
            drawn += [COMMON] if draw.random() < 0.3 else []
            drawn += [RARE] if n in planted[RARE] and seq == 1 else []
            drawn += [LATER] if n in planted[LATER] and seq == 4 else []
            moment, text = at + timedelta(hours=seq), " ".join(drawn)
            key = said.add(
                interaction_id=first + n, author="customer", text=text, staff_seq=seq,
                customer_seq=seq, created_at=moment, client_id=f"pages{n}.{seq}",
            )  # fmt: skip
            mails.add(
                direction="in", state="filed", message_id=key, interaction_id=first + n,
                header_id=f"{n}.{seq}@pages.example", from_email=f"c{n}@pages.example",
                subject="Ma box clignote", text=text, content_key=f"pages{n}.{seq}",
                created_at=moment,
            )  # fmt: skip
            vectors.append((key, moment, drawn))
        if n % 4_000 == 0:
            said.write()
            mails.write()
    said.write()
    mails.write()
    drop_index()
    write_vectors(vectors)
    make_index()


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
