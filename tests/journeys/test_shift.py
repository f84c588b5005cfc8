"""A full shift at the desk by keyboard alone: three chats at once, a whisper, a colleague named, a
transfer, a mail, a call. Every state on the way is one axe has nothing to say about."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import axe, people

# Three customers who have written to Bea, Carl who is there to help, and Lea who leads.
BEGIN = """
import json
from datetime import timedelta
from importlib import import_module
from django.conf import settings
from django.contrib.auth.models import Group
from chat.models import Chat, Site
from chat.services import tokens
from crm import clock
from crm.models import Agent, AgentState, Customer, Interaction, Queue, User
from crm.services import access, interactions, posting, presence, roles

def session(role, name):
    user = User(email=f"{clock.now():%H%M%S%f}.shift@lumio.example", first_name=name, is_staff=True)
    user.set_unusable_password()
    user.save()
    user.groups.add(Group.objects.get(name=role))
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store[access.DEMO_KEY] = True
    store.create()
    Agent.objects.create(user=user, display_name=f"{name} Shift").queues.add(queue)
    return store.session_key

for row in AgentState.objects.filter(until=None).exclude(agent__user__email="bea@lumio.example"):
    presence.set_state(row.agent, AgentState.State.OFFLINE)
for row in Interaction.objects.open().filter(agent__user__email="bea@lumio.example"):
    interactions.close(row, outcome="cancelled")  # left there by another journey
bea = Agent.objects.get(user__email="bea@lumio.example")
queue = Queue.objects.get(slug="box")
session(roles.AGENT, "Paul")
leas = session(roles.LEAD, "Lea")
chats = []
for name, last in (("Ines", "Petit"), ("Jonas", "Roy"), ("Louise", "Blanc")):
    row = Interaction.objects.create(channel="chat", status="active", agent=bea, queue=queue,
        opened_at=clock.now(), assigned_at=clock.now(), language="fr",
        customer=Customer.objects.create(first_name=name, last_name=last))
    chat = Chat.objects.create(interaction=row, site=Site.objects.get(key="portal"),
        start_key=f"shift-{row.pk}")
    posting.post(row, author="customer", text=f"Bonjour, ici {name}")
    chats.append({"i": row.pk, "token": tokens.for_chat(chat)})
print(json.dumps({"chats": chats, "lea": leas}))
"""
END = """
from crm.models import Interaction, User
from crm.services import interactions
for row in Interaction.objects.open().filter(agent__user__email__regex="^bea@|shift@"):
    interactions.close(row, outcome="cancelled")
User.objects.filter(email__endswith=".shift@lumio.example").update(is_active=False)
"""
# The customers' side: the product's own transport, one socket each.
CUSTOMERS = """async (chats) => {
  const { Transport } = await import("/static/crm/transport.js");
  window.heard = [];
  const links = chats.map(({ i, token }) => new Transport({
    url: "/ws/visitor/", store: null, hello: () => ({ token, site: "portal" }),
    onFrame: ({ t, m }) => t === "message" && m.author === "agent" && heard.push(m.text),
  }));
  window.write = (n, text) => links[n].say(chats[n].i, crypto.randomUUID(), text);
}"""
# A pointer would be somebody's hand on the mouse; a tone is a sound the agent hears.
COUNTING = """() => {
  window.pointed = 0;
  window.tones = 0;
  for (const kind of ["pointerdown", "wheel"]) {
    addEventListener(kind, (event) => event.isTrusted && window.pointed++, true);
  }
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.tones++;
    return start.apply(this, when);
  };
}"""


@pytest.fixture
def shift(live):
    """Begins it: who is away for long loses their chats, so Bea is at work before."""
    yield lambda: json.loads(live.manage("shell", "-v", "0", "-c", BEGIN))
    live.manage("shell", "-v", "0", "-c", END)


def test_a_shift_without_a_mouse(live, shift, open_window) -> None:
    bea, lea = (open_window(width=1680).page for _person in range(2))
    customers, mail = open_window().page, open_window().page
    bea.add_init_script(f"({COUNTING})()")
    keys = bea.keyboard

    # Bea comes to work. Three customers write: who has waited longest is open, X goes to the next.
    bea.goto(live.link("agent"))
    expect(bea.locator("#desk-live")).to_have_attribute("data-state", "online")
    _tab_to(bea, "#desk-state-choice")
    keys.type("Disponible")
    expect(bea.locator("#desk-state-choice")).to_have_value("available")
    people.wait_for(bea, 30, lambda: _state(bea) == "available")
    begun = shift()
    bea.goto("about:blank")
    bea.goto(live.url("console") + "desk/")
    expect(bea.locator("#desk-mine > li")).to_have_count(3)
    customers.goto(live.url("portal") + "healthz")
    customers.evaluate(CUSTOMERS, begun["chats"])
    _is_open(bea, "Ines")
    _tab_to(bea, "#desk-log", "x")
    _is_open(bea, "Jonas")

    # Three at once, side by side: each has its own field, Alt and a figure go from one to the next.
    for _chat in range(2):
        keys.press("Escape")
        keys.press("p")
    for name in ("Jonas", "Ines"):
        expect(bea.locator(".desk-side", has_text=f"Bonjour, ici {name}")).to_be_visible()
    _fits(bea)
    _is_open(bea, "Louise")
    for place, name in ((2, "Monsieur Roy"), (3, "Madame Petit")):
        keys.press(f"Alt+Digit{place}")
        expect(bea.locator(f".desk-side:nth-child({place - 1}) textarea")).to_be_focused()
        keys.type(f"Bonjour {name}, je regarde cela")
        keys.press("Enter")
    keys.press("Alt+Digit1")
    expect(bea.locator("#desk-field")).to_be_focused()
    keys.type("Bonjour Monsieur Roy, un instant")  # the wrong window
    keys.press("Enter")
    expect(bea.locator("#desk-toasts .wrong")).to_contain_text("Roy")
    keys.press("Control+a")
    keys.type("Bonjour Madame Blanc, un instant")
    keys.press("Enter")
    checking = [f"Bonjour {name}, je regarde cela" for name in ("Monsieur Roy", "Madame Petit")]
    _hear(customers, *checking, "Bonjour Madame Blanc, un instant")

    # Words begun here are found at another desk; sent from there, they are not here any more.
    keys.type("Demain je vous rap")
    _is_kept(bea, begun["chats"][2]["i"], "Demain je vous rap")
    keys.press("Control+a")
    keys.press("Delete")
    _is_kept(bea, begun["chats"][2]["i"], "")

    # "One moment": a promise with its clock. A line in a chat beside is heard, not only seen.
    keys.press("Alt+o")
    expect(bea.locator("#desk-turn")).to_contain_text("promis")
    tones = bea.evaluate("() => tones")
    customers.evaluate("() => write(1, 'Toujours rien')")
    expect(bea.locator(".desk-side").first).to_contain_text("Toujours rien")
    assert bea.evaluate("() => tones") > tones

    # Lea watches and whispers; Bea reads it beside, and says that she heard.
    _signs_in(lea, live, begun["lea"])
    lea.goto(live.url("console") + f"desk/#{begun['chats'][2]['i']}")
    _is_open(lea, "Louise")
    _tab_to(lea, "#desk-log", "h")
    lea.keyboard.type("Propose l’échange de la box")
    lea.keyboard.press("Enter")
    expect(bea.locator("#desk-whispers")).to_contain_text("Propose l’échange")
    expect(bea.locator("#desk-beside")).to_contain_text("Lea")
    _fits(bea)
    keys.press("Alt+h")
    expect(bea.locator("#desk-whispers")).to_be_hidden()

    # A note for Paul, who is named in it; the palette hands the chat on to him.
    keys.press("Escape")
    keys.press("n")
    keys.type("@Paul")
    expect(bea.locator("#desk-picker li").first).to_contain_text("Paul Shift")
    keys.press("Enter")
    keys.type("l’échange est accordé")
    keys.press("Enter")
    people.reads(bea, "@Paul Shift l’échange est accordé")
    keys.press("Escape")
    keys.press("/")
    expect(bea.locator("#search-input-command")).to_be_focused()
    keys.type("transf")
    expect(bea.locator("#command-results li").first).to_contain_text("Transférer")
    keys.press("Enter")
    expect(bea.locator("#desk-transfer")).to_be_visible()
    _fits(bea)
    keys.type("Paul Shift")
    keys.press("Tab")
    keys.type("Louise attend sa box")
    _tab_to(bea, "#desk-transfer [type=submit]", "Enter")
    expect(bea.locator("#desk-mine > li")).to_have_count(2)

    # The other two are closed with two keys each; the pulse, where it is asked, with one.
    for name in ("Ines", "Jonas"):
        _closes(bea, name)
    expect(bea.locator("#desk-mine > li")).to_have_count(0)

    # A mail waits: J, A, an answer, and it goes out with the keyboard too.
    people.writes_as_customer(mail, live, subject="Antenne", text="Mon antenne bouge.")
    expect(bea.locator("#desk-waiting > li", has_text="antenne bouge")).to_have_count(
        1, timeout=60_000
    )
    _looks_for(bea, "#desk-about", "Antenne")
    keys.press("Escape")
    keys.press("a")
    expect(bea.locator("#desk-write [data-mode=text]")).to_be_visible()  # hers to answer
    keys.press("Escape")
    keys.press("r")
    for words in ("Serrez la ", "bague", " du bas."):
        keys.type(words)
        if words[-1] != ".":
            keys.press("Control+b")  # begins to be bold, and ends
    expect(bea.locator("#desk-field")).to_have_value("Serrez la **bague** du bas.")
    _fits(bea)
    keys.press("Control+Enter")
    people.reads(bea, "Serrez la bague du bas.")
    _closes(bea, "")

    # A call falls due: it is made, and its outcome said.
    people.asks_for_a_call(mail, live, "remote-control", "01 99 00 77 88", "Rose Shift")
    expect(bea.locator("#desk-mine > li")).to_have_count(1, timeout=60_000)
    _tab_to(bea, "#desk-mine button", "Enter")
    _tab_to(bea, "[data-call=calling] button", "Enter")
    _fits(bea)
    _tab_to(bea, "[data-call=hung-up] button[value=reached]", "Enter")
    expect(bea.locator("[data-call=hung-up]")).to_have_count(0)
    _closes(bea, "")
    expect(bea.locator("#desk-mine > li")).to_have_count(0)
    assert bea.evaluate("() => pointed") == 0


def _tab_to(page: Page, selector: str, *then: str) -> None:
    """Tab until the element has the focus, then press."""
    for _step in range(150):
        if page.evaluate("(found) => Boolean(document.activeElement?.matches(found))", selector):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab never comes to {selector}")
    for key in then:
        page.keyboard.press(key)


def _state(page: Page) -> str:
    """As the server has it."""
    return str(page.evaluate("fetch('snapshot/').then(r => r.json()).then(r => r.me.state)"))


def _is_open(page: Page, name: str) -> None:
    expect(page.locator("#desk-name")).to_contain_text(name)


def _looks_for(page: Page, place: str, word: str) -> None:
    """J, until it is the open one."""
    for _row in range(40):
        if word in page.locator(place).inner_text():
            return
        before = page.url
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        people.wait_for(page, 10, lambda before=before: page.url != before)
        expect(page.locator("#desk-open")).to_be_visible()
    raise AssertionError(f"J never comes to {word}")


def _closes(page: Page, name: str) -> None:
    """E, and the figure of "solved"; for the one of this name, wherever it lies."""
    keys = page.keyboard
    _looks_for(page, "#desk-name", name)
    _is_open(page, name)
    keys.press("Escape")
    keys.press("e")
    expect(page.locator("#desk-close")).to_be_visible()
    keys.press("1")
    expect(page.locator("#desk-close")).to_be_hidden()
    if page.locator("#desk-pulse").is_visible():
        for _question in range(2):
            keys.press("+")


def _hear(page: Page, *lines: str) -> None:
    people.wait_for(page, 30, lambda: set(lines) <= set(page.evaluate("() => heard")))


def _is_kept(page: Page, i: int, text: str) -> None:
    """As another machine of the same agent would find it."""

    def found() -> bool:
        path = f"/console/desk/{i}/"
        there: dict[str, Any] = page.evaluate("path => fetch(path).then(r => r.json())", path)
        return there["drafts"].get("text", "") == text

    people.wait_for(page, 20, found)


def _signs_in(page: Page, live: Any, session: str) -> None:
    host = urlsplit(live.url("console")).hostname
    page.context.add_cookies(
        [{"name": "sessionid", "value": session, "domain": host or "", "path": "/"}]
    )


def _fits(page: Page) -> None:
    """Nothing that axe minds, whatever is open."""
    assert axe.complaints(page, {}) == []
