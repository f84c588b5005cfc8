"""Every page, light and dark, wide and on a phone, French and English: no error, nothing that
hangs over the edge, WCAG 2.2 AA, its language, a title and one heading.

`make test` looks at each page in four of the eight ways: loaded with axe in French, light and
wide, and in English, dark and on a phone; then each turned to the other. Where many are alike they
take turns: every other one is looked at in French, the rest in English, and the console's sidebar
once. BRAVO_PROVE=1 loads each, with axe, in all eight."""

import os
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Frame, Page

from tests.journeys import axe, people
from tests.journeys.stops import PAGES, Stop, opens_widget

WIDE, PHONE = 1440, 390
_LIGHT_WIDE, _DARK_PHONE = ("light", WIDE), ("dark", PHONE)
_DARK_WIDE, _LIGHT_PHONE = ("dark", WIDE), ("light", PHONE)
_ALL = [_LIGHT_WIDE, _DARK_PHONE, _DARK_WIDE, _LIGHT_PHONE]
LOOKS = {"fr": [_LIGHT_WIDE, _DARK_PHONE], "en": [_DARK_PHONE, _LIGHT_WIDE]}
PROVE = bool(os.environ.get("BRAVO_PROVE"))
if PROVE:
    LOOKS = {"fr": _ALL, "en": _ALL}

# What is not ours and cannot be mended from here: rule → parts of selectors, with the reason.
ALLOWED = {
    # Django's select2 puts a span beside the choices in its own list
    "list": [".select2-selection--multiple > ul"],
}

# Signed addresses, which only the product itself can make; "xx" stands for the language.
_MAILED = """
from crm import clock
from selfcare.models import Callback, SurveyInvitation
from selfcare.services import links
survey = SurveyInvitation.objects.filter(state="sent", expires_at__gt=clock.wall()).first()
called = Callback.objects.order_by("interaction__closed_at").last()
print(links.address("survey", "xx", links.token(links.SURVEY, survey.pk)))
print(links.address("callback_link", "xx", links.token(links.CALLBACK, called.pk)))
"""

TAKE_TURNS = set() if PROVE else {"help", "own", "reports", "customers", "settings"}
SIDEBAR = "#nav-sidebar"


def _stops(part: str, language: str) -> list[Stop]:
    """Of that walk; a link is followed from the page before it."""
    stops, turn = [], 0
    for stop in PAGES[part][1]:
        turn += bool(stop.path)
        if part not in TAKE_TURNS or turn % 2 == (language == "fr"):
            stops.append(stop)
    return stops


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("part", PAGES)
def test_every_page_can_be_used_by_everybody(live, open_window, mailed, part, language):
    host, stops = PAGES[part][0], _stops(part, language)
    window = open_window(language=language, reduced_motion="reduce")
    window.allowed += [
        f"{stop.status}.*{re.escape(stop.path.format(lang=language))}"
        for stop in stops
        if stop.status != 200
    ]
    page = window.page
    root = _enter(page, live, host)
    wrong: list[str] = []
    address = ""
    for stop in stops:
        for position, (scheme, width) in enumerate(LOOKS[language]):
            loads = PROVE or position == 0
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 844 if width == PHONE else 900})
            if stop.link and position == 0:
                address = _follow(page, stop.link.format(lang=language))
            elif stop.mailed and position == 0:
                address = mailed[stop.mailed].replace("/xx/", f"/{language}/")
            elif stop.path:
                address = urljoin(root, stop.path.format(lang=language))
            before = len(window.problems)
            found = _visit(page, address, stop) if loads else []
            found += _look(page)
            places = [page, people.widget(page)] if stop.act is opens_widget else [page]
            for place in places:
                known = [] if PROVE or stop.path == "/console/" else [SIDEBAR]
                found += axe.complaints(place, ALLOWED, known) if loads else []
                found += _fits(place, language)
            found += [line for line in window.problems[before:] if line in window.unexpected()]
            wrong += [f"{address} {scheme} {width}: {line}" for line in found]
    assert not wrong, "\n" + "\n".join(wrong)


def _enter(page: Page, live: Any, host: str) -> str:
    """Sign in where somebody has to; answers the host's root."""
    if host in {"customer", "agent", "manager", "administrator"}:
        page.goto(live.link(host))
        return live.link(host)
    if host == "catcher":
        _asks_for_a_code(page, live)
    return live.url(host)


def _asks_for_a_code(page: Page, live: Any) -> None:
    """So that there is a page to enter it, and a mail to look at."""
    page.goto(urljoin(live.url("catcher"), "/accounts/login/code/"))
    page.locator("[name=email]").fill("ada@lumio.example")
    page.locator("main form button[type=submit], form .b-button").first.click()
    page.wait_for_url(re.compile("/code/confirm/"))
    page.goto(live.url("catcher"))

    def arrived() -> bool:
        page.reload()
        return page.locator("#mails a").count() > 0

    people.wait_for(page, 60, arrived)


def _follow(page: Page, link: str) -> str:
    return page.evaluate("link => document.querySelector(link).href", link)


@pytest.fixture(scope="module")
def mailed(live: Any) -> dict[str, str]:
    """Kind of mail → the signed address in it."""
    lines = live.manage("shell", "--verbosity=0", "-c", _MAILED).split()
    return dict(zip(("survey", "callback"), lines[-2:], strict=True))


def _visit(page: Page, address: str, stop: Stop) -> list[str]:
    # a fragment more or less is the same document for the browser: it answers with nothing
    response = page.goto(address) or page.reload()
    assert response
    if stop.ready:
        page.locator(stop.ready).first.wait_for()
    if stop.act:
        stop.act(page)
    return [] if response.status == stop.status else [f"answers {response.status}"]


def _look(page: Page) -> list[str]:
    wrong = []
    if not re.sub(r"[|·\s]", "", page.title()):
        wrong.append("has no title")
    if (headings := page.locator("h1:visible").count()) != 1:
        wrong.append(f"{headings} h1")
    return wrong


def _fits(place: Page | Frame, language: str) -> list[str]:
    wrong = []
    lang, needs, has = place.evaluate(
        """async () => {
          const root = document.documentElement;
          // scripts that lay out again after a turn get a second
          for (let i = 0; i < 10 && root.scrollWidth > innerWidth; i++) {
            await new Promise((done) => setTimeout(done, 100));
          }
          return [root.lang, root.scrollWidth, innerWidth];
        }"""
    )
    if not lang.startswith(language):
        wrong.append(f"speaks {lang!r}")
    if needs > has:
        wrong.append(f"is {needs} wide")
    return wrong
