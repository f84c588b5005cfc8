"""The desk with 500 open exchanges while 20 things happen a second: what each costs the page.

The real page in Chromium, its requests answered by Django, its frames made by the product's own
posting and handed to its socket. Value: the renderer's main thread in the browser's own performance
trace, by event and at its worst. Reference: the 50 ms above which a hand on the keys notices.
BENCH_SIZE scales the number of exchanges."""

import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.figure import Figure

_OPEN = 500
_A_SECOND = 20
_SECONDS = 15
_LIMIT = 50.0  # ms
_HOST = "http://desk.localhost"


def run() -> Iterator[Figure]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    size = int(_OPEN * float(os.environ.get("BENCH_SIZE", "1")))
    user, rows = _world(size)
    trace, events = _watched(user, rows)
    tasks = _tasks(trace)
    what = f"{size} open, {_A_SECOND} events a second"
    busy = sum(tasks) / events
    yield Figure(busy, f"ms of the main thread per event, {what}", "limit, ms", _LIMIT)
    worst = statistics.quantiles(tasks, n=1000)[-1]
    yield Figure(worst, f"ms p99.9 of a task, {what}", "limit, ms", _LIMIT)
    yield Figure(max(tasks), f"ms of the longest task, {what}", "limit, ms", _LIMIT)


def _world(size: int) -> tuple[Any, list[Any]]:
    from crm.models import Agent, AgentSkill, Interaction, Queue, Schedule, Status, User
    from crm.services import customers, interactions, posting, roles

    roles.ensure()
    hours = Schedule.objects.create(name="always", always_open=True)
    queue = Queue.objects.create(slug="desk", name_fr="Box", name_en="Box", schedule=hours)
    user = User.objects.create_superuser("bea@lumio.example", first_name="Bea")
    agent = Agent.objects.create(user=user, display_name="Bea", languages=["fr"])
    AgentSkill.objects.create(agent=agent, queue=queue)
    rows = []
    for n in range(size):
        customer = customers.identify("mail", f"c{n}@example.test", name=f"Camille Client{n}")
        row = interactions.open("chat", customer, queue=queue, title=f"Question {n}")
        posting.post(row, author="customer", text=f"Bonjour, ma box clignote, cas {n}")
        rows.append(row)
    held = [row.pk for row in rows[: size // 2]]
    Interaction.objects.filter(pk__in=held).update(
        agent=agent, status=Status.ACTIVE, waiting_since=None
    )
    return user, list(Interaction.objects.order_by("pk"))


def _watched(user: Any, rows: list[Any]) -> tuple[dict[str, Any], int]:
    """The trace of the page while it happens, and how many events there were."""
    from playwright.sync_api import sync_playwright

    from tests.journeys.conftest import FLAGS

    whole = "/usr/bin/chromium"  # the shell writes no timeline
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=whole, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        socket = _answering(page, user)
        page.goto(f"{_HOST}/console/desk/#{rows[0].pk}")
        page.locator("#desk-log article").first.wait_for()
        page.wait_for_timeout(2000)
        browser.start_tracing(page=page)
        events = _happens(page, socket, rows)
        trace = json.loads(browser.stop_tracing())
        browser.close()
    return trace, events


def _answering(page: Any, user: Any) -> list[Any]:
    """Django behind the page's requests, and its socket in our hands."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from crm.services import access

    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", verbosity=0, interactive=False)  # scripts as they are shipped
    client = Client(headers={"host": "desk.localhost"})
    client.force_login(user)
    session = client.session
    session[access.DEMO_KEY] = True
    session.save()

    def serve(route: Any) -> None:
        asked = urlsplit(route.request.url)
        if asked.path.startswith(settings.STATIC_URL):
            found = Path(settings.STATIC_ROOT) / asked.path.removeprefix(settings.STATIC_URL)
            route.fulfill(path=found) if found.is_file() else route.fulfill(status=404)
            return
        answer = client.get(asked.path + ("?" + asked.query if asked.query else ""))
        kind = answer.headers.get("Content-Type", "text/html")
        route.fulfill(status=answer.status_code, body=answer.content, content_type=kind)

    open_sockets: list[Any] = []

    def speak(socket: Any) -> None:
        open_sockets[:] = [socket]
        socket.on_message(lambda text: _reply(socket, json.loads(text)))

    page.route(f"{_HOST}/**", serve)
    page.route_web_socket("**/ws/console/", speak)
    return open_sockets


def _reply(socket: Any, said: dict[str, Any]) -> None:
    from crm import clock
    from crm.services import posting

    if said["t"] == "hello":
        now = posting.iso(clock.now())
        socket.send(json.dumps({"t": "welcome", "v": 1, "now": now, "agent": None}))
    elif said["t"] in ("open", "since"):
        answer = posting.catch_up(said["i"], posting.STAFF, said.get("after") or 0)
        socket.send(json.dumps(answer, default=str))


def _happens(page: Any, sockets: list[Any], rows: list[Any]) -> int:
    from crm.services import posting

    rng = random.Random(7)
    events = _A_SECOND * _SECONDS
    begun = time.monotonic()
    for n in range(events):
        message = posting.post(rng.choice(rows), author="customer", text=f"Et encore {n} ?")
        frame = posting.serialise(message, posting.STAFF)
        sockets[0].send(json.dumps(frame, default=str))
        late = time.monotonic() - begun - n / _A_SECOND
        page.wait_for_timeout(max(1.0, 1000 / _A_SECOND - 1000 * max(0.0, late)))
    page.wait_for_timeout(500)
    return events


def _tasks(trace: dict[str, Any]) -> list[float]:
    """Milliseconds of each task on the renderer's main thread."""
    events = trace["traceEvents"]
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one.get("name") == "thread_name" and one["args"].get("name") == "CrRendererMain"
    }
    return [
        one["dur"] / 1000
        for one in events
        if one.get("name") == "RunTask" and "dur" in one and (one["pid"], one["tid"]) in mains
    ]
