"""Every page, light and dark, wide and on a phone, French and English: no error, nothing that
hangs over the edge, WCAG 2.2 AA, its language, a title and one heading.

`make test` looks at each page in four of the eight ways: loaded with axe in French, light and
wide, and in English, dark and on a phone; then each turned to the other. The console's many and
like pages take turns: every other one is looked at in French, the rest in English. BRAVO_PROVE=1
loads each, with axe, in all eight."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.journeys import axe, people

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


@dataclass(frozen=True)
class Stop:
    """A page: its address on a host, or the first link of that kind on the page before it."""

    path: str = ""
    link: str = ""
    mailed: str = ""  # or what a customer finds in a mail: survey or callback
    status: int = 200
    ready: str = ""  # what is there when the page has finished building itself
    act: Callable[[Page], object] | None = None  # by hand, once it is there


def _opens_widget(page: Page) -> None:
    assert page.viewport_size
    people.press(page, ".", below=page.viewport_size["height"] - 120)
    expect(people.widget(page).locator("main")).to_be_visible()


def _opens_exchange(page: Page) -> None:
    page.locator("#desk-mine > li, #desk-waiting > li").first.click()
    expect(page.locator("#desk-open")).to_be_visible()
    expect(page.locator("#desk-log")).to_be_visible()


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


def _writes(page: Page) -> None:
    """Ada sends a request, so that there is one to look at."""
    page.locator("[name=subject]").select_option(index=1)
    page.locator("[name=title]").fill("Une question sur ma facture")
    page.locator("[name=text]").fill("Pourquoi trois montants ce mois-ci ?")
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url(re.compile("/thanks/"))


ADMIN = "tbody th a"
PAGES: dict[str, tuple[str, list[Stop]]] = {
    "help": (
        "portal",
        [
            Stop("/{lang}/"),
            Stop(link="main a[href*='/theme/']"),
            Stop(link="main a[href*='/article/']"),
            Stop("/{lang}/search/?q=box"),
            Stop("/{lang}/search/?q=xyzzyx"),
            Stop("/{lang}/contact/"),
            Stop("/{lang}/callback/"),
            Stop(link="main a[href*='subject=']"),
            Stop("/{lang}/incident/1/"),
            Stop("/{lang}/accessibility/"),
            Stop("/{lang}/privacy/"),
            Stop("/{lang}/nowhere/", status=404),
        ],
    ),
    "own": (
        "customer",
        [
            Stop("/{lang}/contact/", act=_writes),
            Stop("/{lang}/requests/"),
            Stop(link="main a[href*='/requests/']"),
            Stop("/{lang}/my-data/"),
            Stop(mailed="callback"),
            Stop(mailed="survey"),
            Stop("/accounts/email/"),
            Stop("/accounts/2fa/"),
        ],
    ),
    "doors": (
        "shop",
        [
            Stop("/accounts/login/"),
            Stop("/accounts/login/code/"),
            Stop("/accounts/signup/"),
            Stop("/accounts/password/reset/"),
            Stop("/accounts/join/nobody/", status=410),
            Stop("/demo/"),
            Stop("/boutique/?lang={lang}"),
            Stop("/boutique/mobile/?lang={lang}"),
            Stop("/boutique/lumibox/?lang={lang}", act=_opens_widget),
        ],
    ),
    "catcher": (
        "catcher",
        [
            Stop("/accounts/login/code/confirm/"),
            Stop("/catcher/", ready="#mails a"),
            Stop(link="#mails a"),
            Stop("/catcher/write/"),
        ],
    ),
    "desk": (
        "agent",
        [
            Stop("/console/calls/log/"),
            Stop("/console/desk/", ready="#desk-live[data-state=online]"),
            Stop("/console/desk/", ready="#desk-live[data-state=online]", act=_opens_exchange),
        ],
    ),
    "reports": (
        "manager",
        [
            Stop("/console/"),
            Stop("/console/searches/"),
            Stop("/console/editors/"),
            Stop(link=".room-rows a", ready="trix-toolbar [data-trix-attribute=heading2]"),
            Stop(link="a[href*='/preview/']"),
            Stop("/console/selfcare/synonyms/"),
            Stop(link=ADMIN),
            Stop("/console/reports/"),
            Stop("/console/reports/by/?by=queue"),
            Stop("/console/reports/intraday/"),
            Stop("/console/reports/satisfaction/"),
            Stop("/console/reports/exchanges/"),
            Stop("/console/reports/definitions/"),
            Stop("/console/reports/self-service/"),
        ],
    ),
    "customers": (
        "administrator",
        [
            Stop("/console/crm/customer/?q=lenoir"),
            Stop(link=ADMIN),
            Stop(link="a[href*='/privacy/']"),
            Stop("/console/crm/customer/?q=lenoir"),
            Stop(link=ADMIN),
            Stop(link="main a[href$='/merge/']"),
            Stop("/console/customers/duplicates/"),
            Stop("/console/crm/organisation/"),
            Stop(link=ADMIN),
            Stop("/console/crm/ownfield/"),
            Stop("/console/crm/interaction/"),
            Stop(link=ADMIN),
            Stop("/console/crm/privacyrequest/"),
            Stop("/console/transfer/"),
            Stop("/console/find/"),
            Stop("/console/find/?q=lenoir+box"),
            Stop("/console/tickets/mail/"),
            Stop("/console/selfcare/callback/"),
            Stop("/console/selfcare/article/"),
            Stop(link=ADMIN),
            Stop("/console/selfcare/callrule/add/"),
            Stop("/console/selfcare/phonenumber/"),
            Stop(link=ADMIN),
            Stop("/console/selfcare/action/"),
            Stop("/console/selfcare/subjectmanners/"),
            Stop("/console/selfcare/incident/"),
            Stop(link=ADMIN),
            Stop("/console/incidents/1/"),
            Stop("/console/selfcare/survey/"),
            Stop(link=ADMIN),
            Stop("/console/surveys/1/questions/"),
            Stop("/{lang}/avis/1/preview/"),
            Stop("/console/surveys/follow-ups/"),
            Stop("/console/surveys/comments/?days=90"),
            Stop("/console/selfcare/surveyinvitation/"),
        ],
    ),
    "settings": (
        "administrator",
        [
            Stop("/console/crm/subject/"),
            Stop(link=ADMIN),
            Stop("/console/crm/queue/"),
            Stop(link=ADMIN),
            Stop("/console/routing/"),
            Stop("/console/routing/?subject=1&at=2026-11-20T10:00"),
            Stop(link=".routing-people th a"),
            Stop("/console/crm/agent/"),
            Stop(link=ADMIN),
            Stop("/console/crm/shift/add/"),
            Stop("/console/crm/schedule/"),
            Stop(link=ADMIN),
            Stop("/console/crm/target/"),
            Stop(link=ADMIN),
            Stop("/console/crm/recourse/"),
            Stop(link=ADMIN),
            Stop("/console/crm/replytemplate/"),
            Stop(link=ADMIN),
            Stop("/console/crm/replytemplate/1/preview/"),
            Stop("/console/crm/macro/"),
            Stop(link=ADMIN),
            Stop("/console/crm/toneguide/"),
            Stop(link=ADMIN),
            Stop("/console/crm/stoprule/"),
            Stop(link=ADMIN),
            Stop("/console/crm/hardmoment/"),
            Stop("/console/crm/hardsheet/"),
            Stop(link=ADMIN),
            Stop("/console/crm/complaint/"),
            Stop("/console/chat/site/"),
            Stop(link=ADMIN),
            Stop(link="a[href*='/chat/words/']"),
            Stop(link="a[href*='/chat/preview/']"),
            Stop("/console/chat/invitationrule/"),
            Stop(link=ADMIN, ready=".conditions"),
            Stop("/console/invitations/simulator/"),
            Stop("/console/invitations/simulator/?site=2&url=/boutique/lumibox/&seconds=60"),
            Stop("/console/invitations/figures/?days=28"),
            Stop("/console/chat/invitation/"),
            Stop("/console/crm/user/"),
            Stop("/console/crm/user/invite/"),
            Stop("/console/retention/?preview=1"),
            Stop("/console/crm/auditentry/"),
            Stop(link=ADMIN),
            Stop("/console/remove-demo-data/"),
            Stop("/console/tickets/mailbox/"),
            Stop(link=ADMIN),
            Stop("/api/v1/docs/"),
            Stop("/console/nowhere/", status=404),
        ],
    ),
}


TAKE_TURNS = set() if PROVE else {"reports", "customers", "settings"}


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
                address = _follow(page, stop.link)
            elif stop.mailed and position == 0:
                address = mailed[stop.mailed].replace("/xx/", f"/{language}/")
            elif stop.path:
                address = urljoin(root, stop.path.format(lang=language))
            before = len(window.problems)
            found = _visit(page, address, stop) if loads else []
            found += _look(page)
            places = [page, people.widget(page)] if stop.act is _opens_widget else [page]
            for place in places:
                found += axe.complaints(place, ALLOWED) if loads else []
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
    response = page.goto(address)
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
