"""The pages that `test_pages.py` looks at, in the order in which somebody comes by."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys import people


@dataclass(frozen=True)
class Stop:
    """A page: its address on a host, or the first link of that kind on the page before it."""

    path: str = ""
    link: str = ""
    mailed: str = ""  # or what a customer finds in a mail: survey or callback
    status: int = 200
    ready: str = ""  # what is there when the page has finished building itself
    act: Callable[[Page], object] | None = None  # by hand, once it is there


def opens_widget(page: Page) -> None:
    assert page.viewport_size
    people.press(page, ".", below=page.viewport_size["height"] - 120)
    expect(people.widget(page).locator("main")).to_be_visible()


def _opens_exchange(page: Page) -> None:
    page.locator("#desk-mine > li, #desk-waiting > li").first.click()
    expect(page.locator("#desk-open")).to_be_visible()
    expect(page.locator("#desk-log")).to_be_visible()


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
            Stop("/boutique/lumibox/?lang={lang}", act=opens_widget),
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
            Stop("/console/my-day/"),
            Stop("/console/desk/", ready="#desk-live[data-state=online]"),
            Stop("/console/desk/", ready="#desk-live[data-state=online]", act=_opens_exchange),
        ],
    ),
    "reports": (
        "manager",
        [
            Stop("/console/"),
            Stop("/console/board/", ready="#board-lines li"),
            Stop("/console/searches/"),
            Stop("/console/editors/"),
            Stop(link=".room-rows a", ready="trix-toolbar [data-trix-attribute=heading2]"),
            Stop(link="a[href*='/{lang}/preview/']"),
            Stop("/console/selfcare/synonyms/"),
            Stop(link=ADMIN),
            Stop("/console/reports/"),
            Stop("/console/reports/by/?by=queue"),
            Stop("/console/reports/monday/"),
            Stop("/console/reports/views/"),
            Stop("/console/reports/teams/"),
            Stop("/console/reports/journeys/"),
            Stop("/console/reports/intraday/"),
            Stop("/console/reports/satisfaction/"),
            Stop("/console/reports/exchanges/"),
            Stop("/console/reports/channels/"),
            Stop("/console/reports/live/"),
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
            Stop("/console/crm/block/"),
            Stop("/console/crm/block/add/"),
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
            Stop("/console/tickets/signingkey/add/"),
            Stop("/api/v1/docs/"),
            Stop("/console/nowhere/", status=404),
        ],
    ),
}
