"""What the search learns from those who asked, and what it must never learn; who needed nobody."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Visit, VisitStep
from crm.reports import period
from crm.reports.cut import Cut
from crm.services import customers, interactions, journeys, posting
from selfcare import search
from selfcare.models import Lesson, LessonProof
from selfcare.reports import autonomy
from selfcare.services import lessons
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
Kind = VisitStep.Kind


@pytest.fixture
def remote_page(remote):
    write("Régler le son de la télé", "<p>Autre chose.</p>")
    return write("Appairer la télécommande", "<p>Tenez deux touches.</p>", subject=remote)


def visit(*steps, minutes_ago: int = 60, customer=None, finished: bool = True) -> Visit:
    """`(kind, label or target, value)` a minute apart."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    made = journeys.visit(journeys.new_key(), language="fr")
    if customer:
        customers.attach_visit(made, customer)
    for number, (kind, text, value) in enumerate(steps):
        when = at + timedelta(minutes=number)
        target = text if kind in (Kind.ARTICLE, Kind.VOTE) else ""
        journeys.step(made, kind, text, target=target, value=value, at=when)
    last = at if finished else clock.now()
    Visit.objects.filter(pk=made.pk).update(started_at=at, last_at=last + timedelta(minutes=5))
    return made


def found(page, words: str = "zapette bloquée", value: int | None = 40):
    return [(Kind.SEARCH, words, 1), (Kind.ARTICLE, page.article.external_id, value)]


def first(words: str) -> str:
    search.forget()
    hits = search.search(words, "fr").hits
    return hits[0][0].title if hits else ""


def test_two_visits_teach_a_word_that_no_article_says(remote_page):
    assert first("zapette bloquée") == ""
    visit(*found(remote_page))
    lessons.learn()
    assert first("zapette bloquée") == ""  # one may be mistaken
    visit(*found(remote_page))
    assert [lessons.learn(), lessons.learn()] == [1, 0]
    assert first("zapette bloquée") == remote_page.title
    lessons.remove(Lesson.objects.get())
    visit(*found(remote_page))
    lessons.learn()
    assert first("zapette bloquée") == ""  # an editor's word stays


def test_one_visit_that_asks_again_and_again_counts_once(remote_page):
    visit(*found(remote_page), *found(remote_page))
    lessons.learn()
    assert (Lesson.objects.get().proof_count, LessonProof.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "more",
    [
        [(Kind.ASK, "chat", None)],
        [(Kind.VOTE, "article", 0)],
    ],
)
def test_who_then_asked_us_or_was_not_helped_proves_nothing(remote_page, more):
    name = remote_page.article.external_id
    after = [(kind, name if text == "article" else text, value) for kind, text, value in more]
    visit(*found(remote_page), *after)
    visit(*found(remote_page, value=3))  # gone after three seconds
    visit(*found(remote_page), minutes_ago=2, finished=False)  # still here
    lessons.learn()
    assert not Lesson.objects.exists()


def test_a_vote_proves_what_seconds_do_not(remote_page):
    name = remote_page.article.external_id
    visit(*found(remote_page, value=None), (Kind.VOTE, name, 1))
    lessons.learn()
    assert Lesson.objects.get().words == "zapette bloquée"


@pytest.mark.parametrize("words", ["ada@mail.example", "mon numéro 06 12 34 56 78", "2611-00421"])
def test_what_could_tell_who_asked_is_never_learned(remote_page, words):
    for _visit in range(3):
        visit(*found(remote_page, words))
    lessons.learn()
    assert not Lesson.objects.exists()


def test_an_article_that_an_agent_sent_answers_what_was_searched(remote_page, ada, remote, bea):
    for _visit in range(2):
        asked = visit((Kind.SEARCH, "boîtier muet", 0))
        said = interactions.open("chat", ada, subject=remote, visit=asked)
        address = f"https://aide.example/fr/article/{remote_page.slug}/"
        posting.post(said, author="agent", agent=bea, text=f"Voici : {address}")
    lessons.learn()
    assert first("boîtier muet") == remote_page.title


def test_a_question_of_many_completes_what_others_type_unless_it_holds_a_name(remote_page, client):
    for words in ("touches de la télécommande", "télécommande lenoir"):
        for _visit in range(3):
            visit(*found(remote_page, words))
    lessons.learn()
    search.forget()
    items = client.get("/fr/complete/", {"q": "touches de"}).json()["items"]
    address = "/fr/search/?q=touches+de+la+t%C3%A9l%C3%A9commande"
    assert items == [{"title": "touches de la télécommande", "url": address}]
    names = client.get("/fr/complete/", {"q": "télécommande le"}).json()["items"]
    assert not any("lenoir" in item["title"] for item in names)


def test_self_service_counts_who_came_for_help_and_asked_nobody(remote_page, ada, remote):
    visit(*found(remote_page))
    visit(*found(remote_page), (Kind.ASK, "mail", None))
    visit((Kind.PAGE, "shop", None))  # did not come for help
    visit((Kind.ARTICLE, remote_page.article.external_id, 4))  # nor who left at once
    visit(*found(remote_page), customer=ada, minutes_ago=3000)
    other = visit((Kind.ACTION, "pay", None))
    figures = autonomy.figures(Cut(period.last_days(7))).all
    assert (figures.visits, figures.alone, figures.known, figures.quiet) == (4, 3, 1, 1)
    interactions.open("chat", ada, subject=remote)
    later = autonomy.figures(Cut(period.last_days(7))).all
    assert (later.known, later.quiet, later.share) == (1, 0, 0.75)
    interactions.open("chat", ada, visit=other)
    assert autonomy.figures(Cut(period.last_days(7))).all.alone == 2


def test_the_page_of_self_service_is_for_those_who_may_see_reports(mias, beas, remote_page):
    visit(*found(remote_page))
    assert "100\u00a0%" in mias.get("/console/reports/self-service/").content.decode()
    assert beas.get("/console/reports/self-service/").status_code == 403
