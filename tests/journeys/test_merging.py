"""One person in two records, over four channels: merged by hand, and un-merged, nothing lost."""

import re
from urllib.parse import urljoin

from playwright.sync_api import expect

from tests.journeys import people

INES = ("ines.caron@maison.example", "Inès Caron")
PHONE = "01 99 00 41 72"


def test_two_records_over_four_channels_become_one_and_two_again(live, open_window):
    ines, phone, bea, admin = (open_window().page for _person in range(4))
    people.comes_to_work(bea, live.link("agent"))
    admin.goto(live.link("administrator"))

    # Her first record: a mail, then an account on the portal with the same address.
    people.writes_as_customer(
        ines, live, subject="Ma facture", text="Le total a changé.", sender=INES
    )
    known = people.wait_for(admin, 60, lambda: _record(admin, "mail", INES[0]))
    _makes_an_account(ines, live, INES[0])
    # The other one: on her phone, not signed in, she asks for a call, then chats.
    people.asks_for_a_call(phone, live, "remote-control", PHONE, called="Inès Caron")
    people.gets(bea, "callback")
    people.calls(bea, "reached")
    people.closes(bea)
    _chats(phone, live, bea, "La touche Accueil ne répond plus")

    other = _record(admin, "phone", "+33199004172")
    assert known["customer"] != other["customer"]
    before = {one["customer"]: _everything(admin, one["customer"]) for one in (known, other)}
    assert before[known["customer"]]["channels"] == ["mail"]
    assert before[other["customer"]]["channels"] == ["callback", "chat"]

    # The namesake was noticed; the administrator compares and merges.
    admin.goto(_page(live, known["customer"]))
    hint = admin.locator(".b-hint")
    expect(hint).to_contain_text("même nom")
    hint.get_by_role("link", name="Comparer").click()
    expect(admin.locator("form.b-merge")).to_contain_text("Inès Caron")
    admin.locator("form.b-merge button[type=submit]").click()
    expect(admin.locator("[aria-labelledby=merges]")).to_contain_text("Inès Caron")
    merged = _everything(admin, known["customer"])
    for name in ("channels", "interactions", "identities", "visits"):
        assert merged[name] == sorted(
            [*before[known["customer"]][name], *before[other["customer"]][name]]
        )
    line = admin.locator(".b-line")
    for said in ("Ma facture", "La touche Accueil ne répond plus", "Rappel", "Visite"):
        expect(line).to_contain_text(said)
    admin.goto(_page(live, other["customer"]))  # the old address leads to the whole
    expect(admin).to_have_url(re.compile(f"/customer/{known['customer']}/change/"))

    # She asks for another call from that phone: the undoing says where it goes, and why.
    people.asks_for_a_call(phone, live, "remote-control", PHONE, called="Inès Caron")
    people.gets(bea, "callback")
    people.calls(bea, "reached")
    people.closes(bea)
    later = set(_everything(admin, known["customer"])["interactions"]) - set(merged["interactions"])
    assert len(later) == 1
    admin.goto(_page(live, known["customer"]))
    admin.locator("[aria-labelledby=merges] a").click()
    side = admin.locator(f"[name='side.interactions.{later.copy().pop()}'][value=gone]")
    expect(side).to_be_checked()
    admin.locator("form.b-merge button[type=submit]").click()
    expect(admin.locator("[aria-labelledby=merges]")).to_have_count(0)

    after = {number: _everything(admin, number) for number in before}
    assert after[known["customer"]] == before[known["customer"]]
    theirs = after[other["customer"]]
    assert set(theirs["interactions"]) == set(before[other["customer"]]["interactions"]) | later
    for name in ("identities", "fields", "tags"):
        assert theirs[name] == before[other["customer"]][name]
    assert set(theirs["visits"]) >= set(before[other["customer"]]["visits"])


def _makes_an_account(page, live, address):
    portal = live.url("portal").rstrip("/")
    page.goto(f"{portal}/accounts/signup/")
    page.locator("[name=email]").fill(address)
    page.locator("main form button[type=submit], form .b-button").first.click()
    page.wait_for_url(re.compile("/confirm"))
    typed = page.url
    code = people.reads_code(page, live, address, "Confirmez votre adresse")
    page.goto(typed)
    page.locator("[name=code]").fill(code)
    page.locator("main form button[type=submit], form .b-button").first.click()
    page.wait_for_url(lambda address: "/confirm" not in address)


def _chats(page, live, bea, text):
    """She asks by the button beside an article, as soon as Bea's call is written up."""
    page.goto(live.url("portal") + "fr/search/?q=télécommande+lumibox")
    page.locator("main a[href*='/article/']").first.click()
    page.wait_for_url(re.compile("/article/"))

    def opened():
        page.reload()
        people.press(page, ".", below=page.viewport_size["height"] - 120)
        page.wait_for_timeout(1500)
        return people.widget(page).locator("textarea").is_visible()

    people.wait_for(page, 10, opened)  # forty tries
    people.says(page, text)
    people.opens_first(bea)
    people.reads(bea, text)
    people.closes(bea)


def _page(live, number):
    return urljoin(live.link("administrator"), f"/console/crm/customer/{number}/change/")


def _ask(page, path):
    return page.evaluate("path => fetch(path).then(r => r.json())", f"/api/v1/{path}")


def _record(page, kind, value):
    found = _ask(page, f"identities/?kind={kind}&value={value.replace('+', '%2B')}")["results"]
    return found[0] if found else None


def _everything(page, number):
    """What hangs on a record, as the API tells it."""

    def keys(path):
        return sorted(row["id"] for row in _ask(page, f"{path}/?customer={number}")["results"])

    exchanges = _ask(page, f"interactions/?customer={number}")["results"]
    record = _ask(page, f"customers/{number}/")
    return {
        "channels": sorted(row["channel"] for row in exchanges),
        "interactions": sorted(row["id"] for row in exchanges),
        "identities": keys("identities"),
        "visits": keys("visits"),
        "tags": record["tags"],
        "fields": [record[name] for name in ("first_name", "last_name", "civility", "own")],
    }
