"""Web, worker, Redis and PostgreSQL die by kill -9 under people who write; nobody's line is lost,
doubled or out of its order, on either side. Twenty chats; two hundred with BRAVO_PROVE=1."""

import json
import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.journeys import kills, people
from tests.live import LiveDemo

CHATS = 200 if os.environ.get("BRAVO_PROVE") else 20
ACTORS = Path(__file__).with_name("actors.js").read_text()
SECONDS = 240.0  # what a slow machine may need to come back from one death

# A desk of their own: no other journey meets these people.
BEGIN = f"""
import json
from importlib import import_module
from django.conf import settings
from chat.models import Chat, Site
from chat.services import tokens
from crm import clock
from crm.models import Agent, Customer, Interaction, Queue, Schedule, User
from crm.services import access, roles
from django.contrib.auth.models import Group
schedule = Schedule.objects.create(name="kills", always_open=True)
queue = Queue.objects.create(slug="kills", name_fr="Kills", schedule=schedule)
user = User(email="kills@lumio.example", is_staff=True)
user.set_unusable_password()
user.save()
user.groups.add(Group.objects.get(name=roles.AGENT))
agent = Agent.objects.create(user=user, display_name="Kim", chat_places={CHATS})
agent.queues.add(queue)
session = import_module(settings.SESSION_ENGINE).SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session[access.DEMO_KEY] = True
session.create()
site = Site.objects.get(key="portal")
chats = []
for number in range({CHATS}):
    kate = Customer.objects.create(first_name="Kate")
    row = Interaction.objects.create(channel="chat", status="active", agent=agent, queue=queue,
        opened_at=clock.now(), assigned_at=clock.now(), customer=kate)
    chat = Chat.objects.create(interaction=row, site=site, start_key=f"kills-{{number}}")
    chats.append({{"i": row.pk, "token": tokens.for_chat(chat)}})
print(json.dumps({{"chats": chats, "session": session.session_key}}))
"""
STORED = """
import json
from crm.models import Message
rows = Message.objects.filter(interaction__queue__slug="kills", kind="text").order_by("pk")
print(json.dumps(list(rows.values_list("interaction", "author", "client_id"))))
"""
END = """
from crm.models import Interaction
from crm.services import interactions
for row in Interaction.objects.open().filter(queue__slug="kills"):
    interactions.close(row, outcome="cancelled")
"""


def test_nobodys_line_is_lost_when_processes_are_killed(live: LiveDemo, open_window: Any) -> None:
    made = json.loads(live.manage("shell", "-v", "0", "-c", BEGIN))
    visitors, desk = (open_window() for _side in range(2))
    for window in (visitors, desk):
        window.allowed.append("ERR_|WebSocket|5\\d\\d|Failed to load")
    host = urlsplit(live.url("console")).hostname
    desk.page.context.add_cookies(
        [{"name": "sessionid", "value": made["session"], "domain": host, "path": "/"}]
    )
    try:
        _begins(visitors.page, live.url("portal") + "healthz", made["chats"], desk=False)
        _begins(desk.page, live.url("console") + "jsi18n/", made["chats"], desk=True)
        pages = [visitors.page, desk.page]
        _all_go_on(pages)
        for die in (_web, _worker, kills.redis, kills.postgres):
            die(live)
            _all_go_on(pages)
        _restarts_well(live, pages)
        for page in pages:
            page.evaluate("() => ledger.stop()")
        _compare(pages, _stored(live, pages))
    finally:
        for page in (visitors.page, desk.page):
            page.goto("about:blank")
        live.wait_answer(seconds=SECONDS)
        live.manage("shell", "-v", "0", "-c", END)


def _begins(page: Page, address: str, chats: list[dict[str, Any]], *, desk: bool) -> None:
    """Every chat's visitor writes about every second and a half; the desk, which may say twenty
    lines in five seconds, to one after the other."""
    page.goto(address)
    pace = 350 if desk else 1500 / len(chats)
    page.evaluate(ACTORS, {"chats": chats, "site": "portal", "desk": desk, "pace": pace})


def _all_go_on(pages: list[Page]) -> None:
    """Every visitor has had one more line stored, and the desk three."""
    before = [page.evaluate("() => ledger.progress()") for page in pages]

    def each_has_more() -> bool:
        visitors, desk = (page.evaluate("() => ledger.progress()") for page in pages)
        each = all(now > then for now, then in zip(visitors, before[0], strict=True))
        return each and sum(desk) >= sum(before[1]) + 3

    people.wait_for(pages[0], SECONDS, each_has_more)


def _restarts_well(live: LiveDemo, pages: list[Page]) -> None:
    """Asked to end, the server tells everybody who is there first, and when to come back."""
    for page in pages:
        people.wait_for(page, SECONDS, lambda there=page: there.evaluate("ledger.ready()"))
    live.kill("web", signal.SIGTERM)
    for page in pages:
        people.wait_for(page, SECONDS, lambda told=page: 4503 in told.evaluate("ledger.codes()"))
    _all_go_on(pages)


# -- the deaths


def _web(live: LiveDemo) -> None:
    live.kill("web")


def _worker(live: LiveDemo) -> None:
    live.kill("live")


# -- the comparison


def _stored(live: LiveDemo, pages: list[Page]) -> list[tuple[int, str, str]]:
    """The table, once nothing is on its way any more; both screens have heard as much."""

    def quiet() -> bool:
        return not any(page.evaluate("() => ledger.waiting()") for page in pages)

    people.wait_for(pages[0], SECONDS, quiet)
    stored = json.loads(live.manage("shell", "-v", "0", "-c", STORED))

    def heard() -> bool:
        ledgers = [page.evaluate("() => ledger.read()") for page in pages]
        return min(sum(len(one["heard"]) for one in each) for each in ledgers) >= len(stored)

    people.wait_for(pages[0], SECONDS, heard)
    return stored


def _compare(pages: list[Page], stored: list[tuple[int, str, str]]) -> None:
    visitors, desk = (page.evaluate("() => ledger.read()") for page in pages)
    resent = 0
    for visitor, agent in zip(visitors, desk, strict=True):
        mine = [(author, key) for i, author, key in stored if i == visitor["i"]]
        everything = [key for _author, key in mine]
        assert len(set(everything)) == len(everything)
        for side, actor in (("customer", visitor), ("agent", agent)):
            assert actor["acked"] == [[key, "stored"] for key in actor["said"]]
            assert [key for author, key in mine if author == side] == actor["said"]
            resent += actor["left"] - len(actor["said"])
        # both screens show the conversation as the table has it
        assert visitor["heard"] == agent["heard"] == everything
    assert resent > 0  # lines whose answer died with the server were said again, and stored once
