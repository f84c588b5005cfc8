"""The pages of figures with 10,000,000 exchanges over three years, 9,132 a day.

Value: a page through the whole of Django, its figures kept by the half hour. Reference: the
statements of the same page over the raw rows. And what adding an exchange costs, few beside many.
BENCH_SIZE scales the number of days, not how full they are."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from bench import _years
from bench.figure import Figure

DAYS = 1_095
FEW = 10_000
_VISITS = 20
_PAGES = {
    "overview": "/console/reports/?",
    "channels": "/console/reports/channels/?",
    "subjects": "/console/reports/by/?by=subject&",
    "subjects of a queue": "/console/reports/by/?by=subject&queue=bench1&",
    "satisfaction": "/console/reports/satisfaction/?",
    "intraday": "/console/reports/intraday/?",
    "live": "/console/reports/live/?",
    "monday": "/console/reports/monday/?",
    "teams": "/console/reports/teams/?",
    "journeys": "/console/reports/journeys/?",
}
_PERIODS = (14, 90, 365)
# what is of one length, whatever is asked; journeys read the exchanges, for at most 31 days
_ONLY = {"intraday": 1, "live": 1, "monday": 7, "teams": 56, "journeys": 28}


def run() -> Iterator[Figure]:
    from django.core.management import call_command

    from config import memory

    call_command("collectstatic", verbosity=0, interactive=False)
    days = max(16, round(DAYS * float(os.environ.get("BENCH_SIZE", "1"))))
    many = days * _years.A_DAY
    user, named = _world(days, many)
    _years.write(0, FEW, named)
    _settle()
    few = _adding(named)
    memory.settle()  # as a web process does when it starts
    _years.write(FEW, many, named)
    _years.write_states(days, named)
    _settle()
    unit = f"µs p50, an exchange is added beside {many:,}"
    yield Figure(_adding(named), unit, f"beside {FEW:,}", few)
    yield from _counting(days)
    last = _yesterday()
    for name, address in _PAGES.items():
        for length in (_ONLY[name],) if name in _ONLY else _PERIODS:
            if name in _ONLY or 2 * length <= days:  # it is compared with the days before
                yield from _page(user, name, address, length, last)


def _page(user: Any, name: str, address: str, length: int, last: date) -> Iterator[Figure]:
    client = _client(user)
    query = f"{address}from={last - timedelta(days=length - 1)}&to={last}"
    _visit(client, query)  # a process's first page loads templates and statements
    spent = [_visit(client, query) for _ in range(_VISITS)]
    with _unkept():
        raw = _visit(client, query)
    p95 = statistics.quantiles(spent, n=20)[-1]
    yield Figure(p95, f"ms p95, {name}, {length} days", "the same page over the raw rows, ms", raw)


def _visit(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return (time.perf_counter() - began) * 1000


@contextmanager
def _unkept() -> Iterator[None]:
    from crm.reports.rollup import reading

    with patch.object(reading, "_asked", lambda *_args, **_more: None):
        yield


def _client(user: Any) -> Any:
    from django.conf import settings

    from tests.doors import signed_in

    client = signed_in(user, second_factor=True)
    client.defaults["HTTP_HOST"] = urlsplit(settings.CONSOLE_URL).netloc
    return client


def _adding(named: dict[str, Any]) -> float:
    """µs, as the product adds one; taken away again."""
    from django.db import transaction

    from crm import clock
    from crm.models import Interaction

    spent, now = [], clock.now()
    with transaction.atomic():
        for _n in range(500):
            began = time.perf_counter()
            Interaction.objects.create(
                channel="chat", customer_id=1, queue_id=named["queue"], opened_at=now,
                offered_at=now, waiting_since=now,
            )  # fmt: skip
            spent.append((time.perf_counter() - began) * 1e6)
        transaction.set_rollback(True)
    return statistics.median(spent)


def _counting(days: int) -> Iterator[Figure]:
    """Everything is counted, then half an hour of yesterday again."""
    from crm.models import Interaction, ReportMark
    from crm.reports.rollup import build

    ReportMark.objects.all().delete()
    began = time.perf_counter()
    build.complete(budget=1e9)
    spent = time.perf_counter() - began
    row = Interaction.objects.order_by("-offered_at").first()
    assert row is not None
    Interaction.objects.filter(pk=row.pk).update(reopened=1)
    began = time.perf_counter()
    build.refresh()
    again = time.perf_counter() - began
    _settle()
    unit = "s, a day of 9,132 counted for the first time, all figures"
    yield Figure(spent / days, unit, "one half hour of it again", again)


def _world(days: int, many: int) -> tuple[Any, dict[str, Any]]:
    """A manager, sixty agents in six teams, four queues, forty subjects, a customer for four."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from crm.models import Agent, Customer, Queue, Schedule, Subject, Team, User
    from crm.services import roles

    roles.ensure()
    hours, _made = Schedule.objects.get_or_create(name="bench", defaults={"always_open": True})
    queues = [
        Queue.objects.create(slug=f"bench{n}", name_fr=f"File {n}", schedule=hours)
        for n in range(4)
    ]
    teams = [Team.objects.create(name=f"Équipe {n}", place=f"Site {n}") for n in range(6)]
    people = [User(email=f"a{n}@bench.example") for n in range(60)]
    User.objects.bulk_create(people)
    agents = [
        Agent(user=one, display_name=f"Agent {n}", team=teams[n % 6])
        for n, one in enumerate(people)
    ]
    Agent.objects.bulk_create(agents)
    subjects = [Subject.objects.create(slug=f"s{n}", name_fr=f"Sujet {n}") for n in range(40)]
    manager = User.objects.create_user("mia@bench.example", is_staff=True)
    manager.groups.add(Group.objects.get(name=roles.MANAGER))
    customers = many // 4
    with connection.cursor() as cursor:
        defaults = {**_years.defaults(Customer), "id": "n"}
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO crm_customer ({', '.join(defaults)}) "
            f"SELECT {', '.join(defaults.values())} FROM generate_series(1, {customers}) n"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SELECT setval('crm_interaction_id_seq', %s)", [many + 1])
    array = {
        name: f"ARRAY[{','.join(str(row.pk) for row in rows)}]"
        for name, rows in (("queues", queues), ("agents", agents), ("subjects", subjects))
    }
    first = _yesterday() - timedelta(days=days - 1)
    return manager, {**array, "customers": customers, "first": first, "queue": queues[0].pk}


def _yesterday() -> date:
    from crm.reports.period import today

    return today() - timedelta(days=1)


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
