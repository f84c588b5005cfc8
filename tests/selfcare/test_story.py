"""A customer's whole way in a real browser, with scripts and without: found and solved alone; then
not found, and a call on the other side of the night in which the clocks change."""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crm import clock
from crm.models import Interaction, Status, VisitStep
from crm.services import interactions
from selfcare.models import Answer, Callback, CallbackAttempt, Vote
from selfcare.services import links, surveys
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.selfcare.conftest import paris
from tests.selfcare.helpdesk import write

NBSP = "\u00a0"
WITH, WITHOUT = "with scripts", "without scripts"


@pytest.fixture
def hour(monkeypatch) -> Callable[[str], None]:
    """`hour("2026-10-23T18:00")`: business time goes on from there, for the server too."""
    # the browser's driver keeps an event loop in this thread, which Django would refuse
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    def go_to(text: str) -> None:
        seconds = (paris(text) - clock.wall()).total_seconds()
        monkeypatch.setitem(os.environ, "BRAVO_NOW_OFFSET", str(seconds))

    return go_to


@pytest.fixture
def browser(live_server, hour) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        connections.close_all()  # those that were opened within the driver's loop


@pytest.mark.parametrize("scripts", [WITH, WITHOUT])
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_limits", "survey")
def test_solved_alone_then_called_after_the_clocks_have_changed(
    live_server, hour, outbox, enter, at_work, remote, bea, browser, scripts
):
    hour("2026-10-23T18:00")  # Friday; on Sunday the clocks go back
    at_work(bea)
    article = write("Ma télécommande ne répond plus", "<p>Changez les piles.</p>", subject=remote)
    page = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", java_script_enabled=scripts == WITH
    ).new_page()
    page.goto(f"{live_server.url}/fr/")
    _is_solved_by_an_article(page, article.title)
    _asks_for_a_call(page, live_server.url, remote, scripts)
    made = Callback.objects.get()
    assert made.slot_start == paris("2026-10-26T09:00")
    _moves_it(page, live_server.url, made)
    made.refresh_from_db()
    assert made.slot_start == paris("2026-10-25T10:00")

    hour("2026-10-25T10:01")
    at_work(bea)
    _is_reached(enter(bea.user), bea, made)
    _answers_the_survey(page, live_server.url, made)
    assert Vote.objects.get().helpful
    searches = VisitStep.objects.filter(kind=VisitStep.Kind.SEARCH).order_by("pk")
    assert [bool(found) for found in searches.values_list("value", flat=True)] == [True, False]
    assert Answer.objects.get().score == 5


def _is_solved_by_an_article(page: Page, title: str) -> None:
    _searches(page, "ma telecomande repond plus")
    page.get_by_role("link", name=title).click()
    expect(page.locator("h1")).to_have_text(title)
    page.get_by_role("button", name="Ça m’a aidé").click()
    expect(page.locator(".helped-yes")).to_be_visible()


def _searches(page: Page, words: str) -> None:
    page.goto(re.sub(r"(/fr/).*", r"\1search/", page.url))
    page.locator("#q").fill(words)
    page.locator("form[role=search] button[type=submit]").click()
    page.wait_for_url(re.compile("q="))


def _asks_for_a_call(page: Page, site: str, subject, scripts: str) -> None:
    _searches(page, "brancher un aspirateur")
    expect(page.locator("h1")).to_have_text("Je n’ai pas de réponse sûre à cette question")
    page.locator("main").get_by_role("link", name="Nous écrire").click()
    question = page.locator("[name=title]")
    expect(question).to_have_value("brancher un aspirateur")
    words = "télécommande muette, ne répond plus"
    if scripts == WITH:
        page.locator("[name=subject]").select_option(subject.slug)
        question.fill(words)
    else:
        page.goto(f"{site}/fr/contact/?subject={subject.slug}&title={words}")
    # the form proposes first; then the ways that are open, which take along what was written
    expect(page.locator(".proposals a")).to_contain_text("Ma télécommande ne répond plus")
    page.locator("a[href*='/callback/']").click()
    expect(page.locator("[name=about]")).to_have_value(words)
    _chooses(page, "Lundi 26 octobre", "9 h")
    page.locator("[name=phone]").fill("08 99 12 34 56")
    page.locator("[name=name]").fill("Ada Lenoir")
    page.locator("[name=mail]").fill("ada@lenoir.example")
    page.get_by_role("button", name="Demander le rappel").click()
    expect(page.locator("main")).to_contain_text("numéros spéciaux ou surtaxés")
    page.locator("[name=phone]").fill("01 99 00 12 34")
    page.get_by_role("button", name="Demander le rappel").click()
    _is_promised(page, r"undi 26 octobre entre 9\sh et 9\sh\s30")


def _chooses(page: Page, day: str, at: str) -> None:
    times = page.locator("details.day", has_text=day)
    if times.get_attribute("open") is None:
        times.locator("summary").click()
    times.get_by_label(at.replace(" ", NBSP), exact=True).check()


def _is_promised(page: Page, words: str) -> None:
    page.wait_for_url(re.compile(r"/callback/\d+/"))
    expect(page.locator(".promise-when")).to_have_text(re.compile(words))


def _moves_it(page: Page, site: str, made: Callback) -> None:
    page.context.clear_cookies()  # the mail is opened elsewhere
    page.goto(site + links.path("callback_link", "fr", links.token(links.CALLBACK, made.pk)))
    page.locator("details.change > summary").click()
    _chooses(page, "Dimanche 25 octobre", "10 h")
    page.locator("details.change button[type=submit]").click()
    _is_promised(page, r"imanche 25 octobre entre 10\sh et 10\sh\s30")


def _is_reached(client, bea, made: Callback) -> None:
    """It falls due and comes to Bea by itself, who presses "I am calling" and "reached" on her call
    sheet, then closes."""
    interactions.wake_due(clock.now())
    interaction = Interaction.objects.get(pk=made.pk)
    assert (interaction.status, interaction.agent) == (Status.ACTIVE, bea)
    for button, sent in (("calling", {}), ("hung-up", {"outcome": "reached"})):
        answer = client.post(
            f"/console/callbacks/{made.pk}/{button}/", sent, HTTP_ACCEPT="application/json"
        )
        assert answer.status_code == 200
    assert CallbackAttempt.objects.get().punctual
    interaction.refresh_from_db()
    interactions.close(interaction, by=bea, outcome=Interaction.Outcome.SOLVED)


def _answers_the_survey(page: Page, site: str, made: Callback) -> None:
    asked = surveys.invite(made.pk)
    assert asked
    assert surveys.send_due(asked.due_at) == 1
    page.goto(site + links.path("survey", "fr", links.token(links.SURVEY, asked.pk)))
    page.locator("input[name=score][value='5']").check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/merci/"))
