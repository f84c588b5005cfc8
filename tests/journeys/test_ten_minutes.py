"""The first ten minutes of somebody who evaluates Bravo, alone with the demo and its simulated
people: what they press, in the order in which the demo's page proposes it.

With BRAVO_PICTURES=folder it takes the pictures of README and docs on its way (`make pictures`)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import kills, people, simulated
from tests.live import LiveDemo

PICTURES = os.environ.get("BRAVO_PICTURES", "")
ON_SHIFT = re.compile("Amélie|Inès|Julien|Thomas|Sandrine|Gaëlle")
OWN_PAGE = {
    "name": "faq.jsonl",
    "mimeType": "application/json",
    "buffer": b'{"external_id": "own-1", "language": "fr", "category": "tv", '
    b'"title": "Notre question", "body": "Notre r\xc3\xa9ponse."}',
}
# whoever was at work in the journey before has gone home
BEGIN = """
from crm.models import AgentState
from crm.services import presence
for row in AgentState.objects.filter(until=None, agent__is_simulated=False):
    presence.set_state(row.agent, AgentState.State.OFFLINE)
"""
# Ada's own exchanges of these minutes, and the incident
END = """
from datetime import timedelta
from crm import clock
from crm.models import Interaction
from crm.services import interactions
from selfcare.models import Incident
from selfcare.services import incidents
since = clock.now() - timedelta(minutes=20)
for row in Interaction.objects.open().filter(
    customer__identities__value="ada@lumio.example", channel__in=["chat", "callback"],
    opened_at__gte=since,
):
    interactions.close(row, outcome="cancelled")
Incident.objects.open().delete()
"""


@pytest.fixture
def inhabited(live: LiveDemo) -> Iterator[LiveDemo]:
    live.manage("shell", "-v", "0", "-c", BEGIN)
    with simulated.people(live, "--haste", "2", "--traffic", "2"):
        yield live
    live.manage("shell", "-v", "0", "-c", END)


def test_the_first_ten_minutes(inhabited: LiveDemo, open_window) -> None:
    live = inhabited
    windows = [open_window() for _person in range(4)]
    for window in windows:
        window.allowed.append("ERR_|WebSocket|Failed to load|5\\d\\d")  # the cuts
    guest, ada, bea, mia = (window.page for window in windows)

    # One screen, four doors.
    guest.goto(live.url("demo"))
    doors = guest.locator("a.door-card")
    expect(doors).to_have_count(4)
    _picture(guest, "demo")

    # The customer reads; somebody simulated offers to chat by name, and says what they are.
    ada.goto(_door(guest, "customer"))
    ada.goto(live.url("portal"))
    people.wait_for(ada, 60, lambda: _offers_chat(ada))
    _picture(ada, "portal")
    _picture(ada, "phone-portal", phone=True)
    box = ada.get_by_role("combobox").first
    box.click()
    box.press_sequentially("ma télécommande l", delay=40)
    expect(ada.get_by_role("option").first).to_contain_text("Ma télécommande Lumibox")
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Enter")
    expect(ada.locator("h1")).to_contain_text("télécommande")
    expect(people.widget(ada).locator(".invitation")).to_contain_text(ON_SHIFT, timeout=90_000)
    _picture(ada, "invitation")
    people.accepts(ada, ON_SHIFT)
    people.says(ada, "Certaines touches de ma télécommande ne font plus rien")
    window = people.widget(ada).locator("body")
    expect(window).to_contain_text("Trouvons ce qui ne répond plus", timeout=60_000)
    expect(window).to_contain_text("simulé")
    _picture(ada, "widget")
    _picture(ada, "phone-widget", phone=True)

    # The agent comes to work, and it is Monday morning.
    people.comes_to_work(bea, _door(guest, "agent"))
    _presses(guest, "monday")
    _opens_a_chat(bea)
    expect(bea.locator("#desk-card .b-badge")).to_be_visible()
    people.answers(bea, "Bonjour, c’est Bea. Depuis quand exactement ?")
    people.reads(bea, "Bonjour, c’est Bea. Depuis quand exactement ?")
    customers = bea.locator("#desk-log article[data-author=customer]")
    expect(customers.nth(1)).to_be_visible(timeout=90_000)  # who is simulated answers her
    expect(bea.locator("#desk-toasts > *")).to_have_count(0)
    _picture(bea, "desk")
    bea.emulate_media(color_scheme="dark")
    bea.reload()  # the console's theme is chosen when a page begins
    people.reads(bea, "Bonjour, c’est Bea. Depuis quand exactement ?")
    _picture(bea, "desk-dark")

    # The server dies for five seconds, then Redis; both write on, every line is there once.
    server = live.facts()["children"]["web"]
    _presses(guest, "cut-web")
    expect(bea.locator("#desk-live")).not_to_have_attribute("data-state", "online")
    people.says(ada, "Le voyant clignote aussi")
    people.answers(bea, "Je regarde votre ligne.")
    people.wait_for(guest, 60, lambda: live.facts()["children"]["web"] != server)
    live.wait_answer()
    expect(bea.locator("#desk-live")).to_have_attribute("data-state", "online", timeout=60_000)
    people.hears(ada, "Le voyant clignote aussi", seconds=60)
    people.reads(bea, "Je regarde votre ligne.", seconds=60)
    guest.goto(live.url("demo"))
    redis = kills.number_of(live, kills.REDIS)
    _presses(guest, "cut-redis")
    people.wait_for(guest, 60, lambda: kills.number_of(live, kills.REDIS) not in (redis, None))
    people.says(ada, "Toujours là ?")
    people.hears(ada, "Toujours là ?", seconds=60)

    # A call: asked for, moved, confirmed by mail, cancelled.
    ada.goto(live.url("portal") + "fr/callback/?subject=remote-control")
    _takes_a_time(ada.locator("form#ask"), first=True)
    ada.locator("[name=phone]").fill("01 99 00 12 34")
    ada.locator("form#ask button[type=submit].button").last.click()
    ada.wait_for_url(re.compile(r"/callback/\d+/"))
    ada.locator("details:has(form[action$='/move/']) > summary").click()
    promise, moving = ada.locator(".promise-when"), ada.locator("form[action$='/move/']")
    before = promise.inner_text()
    _takes_a_time(moving, first=False)
    moving.locator("button[type=submit]").click()
    expect(promise).not_to_have_text(before)
    mia.goto(live.link("administrator"))
    mails = mia.locator("#mails li", has_text=re.compile("appel", re.I))

    def confirmed() -> bool:
        mia.goto(live.url("catcher") + "?q=ada@lumio.example")
        return mails.count() >= 2

    people.wait_for(mia, 60, confirmed)
    ada.locator("form.cancel button[type=submit]").click()

    # Why was nobody invited? The rule is named.
    mia.goto(_link(guest, "simulator"))
    expect(mia.locator(".verdicts")).to_contain_text("Page mobile")

    # The report: a sentence, a figure, the exchange behind it.
    mia.goto(_door(guest, "manager"))
    expect(mia.locator(".report-sentences p").first).to_be_visible()
    _picture(mia, "report")
    mia.locator(".report-cards a").first.click()
    mia.locator("tbody th a").first.click()
    expect(mia.locator("h1")).to_be_visible()
    mia.goto(live.link("manager") + "?next=/console/crm/customer/?q=Lenoir")
    mia.locator("#result_list").get_by_role("link", name="Ada Lenoir").first.click()
    expect(mia.locator("main")).to_contain_text("ada@lumio.example")
    _picture(mia, "customer")

    # An incident, everywhere at once.
    _presses(guest, "incident")
    ada.goto(live.url("portal"))
    expect(ada.locator(".incident").first).to_contain_text("Rennes")

    # Theirs: the tag, their help pages, the end of the demo's data.
    expect(guest.locator("#tag")).to_have_value(re.compile("/widget/loader.js"))
    mia.goto(_link(guest, "/console/editors/"))
    mia.locator("#import-file").set_input_files([OWN_PAGE])
    mia.get_by_role("button", name="Essayer").click()
    expect(mia.locator("main")).to_contain_text("Le fichier est bon")
    mia.goto(_link(guest, "/remove-demo-data/"))
    expect(mia.locator("main form").first).to_be_visible()


def _door(guest: Page, role: str) -> str:
    return str(guest.locator(f"a.door-card[href*='/demo/in/{role}/']").get_attribute("href"))


def _link(guest: Page, place: str) -> str:
    """A link of the page that leads there, through somebody's door."""
    escaped = place.replace("/", "%2F")
    return str(guest.locator(f"a[href*='{escaped}']").first.get_attribute("href"))


def _presses(guest: Page, word: str) -> None:
    end = f"/{word}/"
    buttons = f"form[action$='{end}'] button:not([formaction]), button[formaction$='{end}']"
    guest.locator(buttons).click()
    expect(guest.locator(".b-notice[role=status]")).to_be_visible()


def _opens_a_chat(bea: Page) -> None:
    """With somebody simulated; a call that waited for her comes first."""
    simulated = bea.locator("#desk-mine > li", has=bea.locator(".desk-simulated:visible"))
    call, chat = (simulated.filter(has_text=word) for word in ("Rappel", "Chat"))
    for _call in range(3):
        expect(call.or_(chat).first).to_be_visible(timeout=60_000)
        if chat.count():
            break
        call.first.click()
        people.calls(bea, "no_answer")
        expect(call).to_have_count(0)
    chat.first.click()


def _takes_a_time(form: Locator, *, first: bool) -> None:
    days = form.locator("details.day")
    day = days.first if first else days.last
    day.evaluate("day => { day.open = true; }")
    day.locator("label.time").last.click()


def _offers_chat(ada: Page) -> bool:
    """The simulated agents have come to work."""
    ada.reload()
    return "personne n’est en ligne" not in ada.locator("main").inner_text()


def _picture(page: Page, name: str, *, phone: bool = False) -> None:
    if not PICTURES:
        return
    size = page.viewport_size
    assert size
    if phone:
        page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)  # what moves has arrived
    page.screenshot(path=Path(PICTURES) / f"{name}.png", caret="initial")
    page.set_viewport_size(size)
