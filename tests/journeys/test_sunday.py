"""The Sunday story, and the same day over all channels: the product's first acceptance test."""

import re

from playwright.sync_api import expect

from tests.journeys import people

REMOTE = "ma télécommande l"


def test_sunday_at_five_from_the_search_box_to_the_managers_report(live, open_window):
    windows = [open_window() for _person in range(3)]
    ada, bea, mia = (window.page for window in windows)

    # Bea is the only one on the 24/7 box queue.
    people.comes_to_work(bea, live.link("agent"))
    # The demo's older history is written meanwhile: its answers must not be counted as Ada's.
    people.wait_for(mia, 300, lambda: not live.works("history"))
    mia.goto(live.link("manager"))
    rated = _answers_behind_satisfaction(mia, live)

    # Ada types the first letters, takes the completion and reads.
    ada.goto(live.link("customer"))
    ada.goto(live.url("portal"))
    box = ada.get_by_role("combobox").first
    box.click()
    box.press_sequentially(REMOTE, delay=40)
    expect(ada.get_by_role("option").first).to_contain_text("Ma télécommande Lumibox")
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Enter")
    expect(ada.locator("h1")).to_contain_text("Ma télécommande Lumibox")

    # The window comes by itself, names Bea, and leads to her.
    people.accepts(ada, "Bea")
    people.says(ada, "Le volume marche, plus la touche Accueil")
    people.opens_first(bea)
    people.reads(bea, "Le volume marche, plus la touche Accueil")
    for tried in (REMOTE, "Ma télécommande Lumibox"):  # what she typed, and what she read
        expect(bea.locator("#desk-customer")).to_contain_text(tried)
    people.answers(bea, "Tenez Accueil et OK ensemble cinq secondes.")
    people.hears(ada, "Tenez Accueil et OK ensemble cinq secondes.")

    # The server dies in the middle; both write on, nothing is lost or doubled.
    for window in windows:
        window.allowed.append("ERR_CONNECTION|WebSocket connection|ERR_EMPTY_RESPONSE")
    live.kill("web")
    bea.locator("#desk-mine > li").first.click()  # in vain: what she has open stays open
    people.says(ada, "Le voyant clignote en blanc")
    people.answers(bea, "Très bien, posez-la près du décodeur.")
    live.wait_answer("/healthz")
    people.hears(ada, "Très bien, posez-la près du décodeur.", seconds=60)
    people.reads(bea, "Le voyant clignote en blanc", seconds=60)
    people.hears(ada, "Le voyant clignote en blanc")
    people.reads(bea, "Très bien, posez-la près du décodeur.")
    people.says(ada, "Tout remarche, merci !")
    people.reads(bea, "Tout remarche, merci !")

    # No script told her to say it.
    people.answers(bea, "Bravo Madame Lenoir")
    people.hears(ada, "Bravo Madame Lenoir")
    people.closes(bea)

    # The survey card comes by Celery; five of five.
    people.widget(ada).locator(".scores button").nth(4).click(timeout=60_000)
    expect(people.widget(ada).get_by_text("5/5")).to_be_visible(timeout=15_000)

    # The manager's report shows it.
    people.wait_for(mia, 30, lambda: _answers_behind_satisfaction(mia, live) == rated + 1)
    expect(mia.locator("tbody tr").first).to_contain_text("Ada Lenoir")
    expect(mia.locator("tbody tr").first).to_contain_text("5 / 5")


def _answers_behind_satisfaction(page, live) -> int:
    root = live.url("reports").rstrip("/")
    page.goto(f"{root}/exchanges/?days=14&measure=satisfaction")
    total = page.locator(".report-total")
    return int(re.sub(r"\D", "", total.get_attribute("data-total") or "0"))


def test_at_the_same_hour_the_mobile_queue_invites_nobody_and_offers_other_ways(live, open_window):
    window = open_window()
    page = window.page
    page.clock.install()
    page.goto(live.url("shop") + "mobile/")
    foot = page.viewport_size["height"] - 110  # the fixed button lies there
    people.wait_for(page, 15, lambda: people.by_name(page, ".", below=foot))
    page.clock.run_for(35_000)  # longer than the rule waits
    page.wait_for_timeout(2_000)  # and time to ask and answer
    expect(people.widget(page).locator(".invitation")).to_be_hidden()
    people.press(page, ".", below=foot)
    frame = people.widget(page)
    expect(frame.locator("a.way[href*='callback']")).to_be_visible()
    expect(frame.locator("a.way[href*='contact']").first).to_be_visible()
    expect(frame.locator("textarea")).to_have_count(0)


def test_the_same_day_a_mail_and_a_callback_stand_in_one_timeline(live, open_window):
    bea, ada, admin = (open_window().page for _person in range(3))
    people.comes_to_work(bea, live.link("agent"))

    # A mail comes in by SMTP, is taken from the queue, answered, and answered again.
    people.writes_as_customer(admin, live, subject="Facture de novembre", text="Le total monte.")
    people.takes(bea, "Le total monte.")
    expect(bea.locator("#desk-about")).to_contain_text("Facture de novembre")
    people.replies(bea, "Votre forfait a changé le 3 novembre.")
    people.catches(admin, live, "Votre forfait a changé le 3 novembre.")
    people.answers_the_mail(admin, "Merci, je comprends mieux.")
    people.reads(bea, "Merci, je comprends mieux.", seconds=60)
    people.closes(bea)

    # A callback is asked for on the portal, falls due at once, and is made.
    ada.goto(live.link("customer"))
    people.asks_for_a_call(ada, live, "remote-control", "01 99 00 12 34")
    people.gets(bea, "callback")
    people.calls(bea, "reached")
    people.closes(bea)

    # One customer, one timeline; each exchange has its verdict.
    bea.goto(live.url("console") + "crm/customer/?q=ada@lumio.example")
    bea.locator("#result_list a", has_text="Lenoir").first.click()
    timeline = bea.locator("main")
    expect(timeline).to_contain_text("Facture de novembre")
    found = people.verdicts(admin, live)
    assert {"mail", "callback"} <= set(found)
    # one question a month over all channels: asked after the first, rested after the others
    assert sorted(found.values()).count("sent") == 1
    assert set(found.values()) == {"sent", "rest_period"}
