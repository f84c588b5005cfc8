"""What editors teach the search, which language a question is in, and what was not found."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import VisitStep
from crm.services import journeys
from selfcare import search
from selfcare.models import Synonyms, Version
from selfcare.services import articles, failed_searches
from tests.doors import signed_in
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db


def teach(*words, language="fr"):
    Synonyms.objects.create(language=language, words=list(words))
    articles.changed()
    search.forget()


@pytest.fixture
def shelf():
    """Three articles in French, one of them in English too."""
    write(
        "Ma télécommande Lumibox ne fonctionne qu’en partie", "Certaines touches ne répondent pas."
    )
    remote = write("Appairer la télécommande", "Appuyez cinq secondes sur OK.")
    write(
        "Pair the remote control",
        "Press OK for five seconds.",
        language="en",
        article=remote.article,
    )
    write("On m’a volé mon téléphone", "Suspendez la ligne.")
    search.forget()


def best(text, language="fr"):
    found = search.search(text, language, 3)
    return found.hits[0][0].title if found.hits else "", found.answered


def test_a_half_typed_title_comes_first(shelf):
    assert best("ma télécommande l")[0].startswith("Ma télécommande Lumibox")


def test_a_word_that_no_article_says_is_found_by_its_synonym(shelf):
    assert not best("bigophone dérobé")[1]
    teach("bigophone", "téléphone")
    teach("dérobé", "volé")
    assert best("mon bigophone dérobé") == ("On m’a volé mon téléphone", True)


def test_a_phrase_stands_for_a_word_and_plurals_meet(shelf):
    teach("boîtier à touches", "télécommande")
    assert "télécommande" in best("appairer mes boîtiers à touches")[0]


def test_an_editors_synonym_adds_and_never_takes_away(shelf):
    before = search.search("appairer la télécommande", "fr", 3).hits[0]
    teach("télécommande", "zapette")
    after = search.search("appairer la télécommande", "fr", 3).hits[0]
    assert after[0] == before[0]
    assert after[1] == pytest.approx(before[1])


def test_a_question_in_the_other_language_is_answered_in_it(client, shelf, fresh_limits):
    assert search.language_of("how do I pair the remote", "fr") == "en"
    assert search.language_of("appairer la télécommande", "fr") == "fr"
    assert search.language_of("xyzzyx", "fr") == "fr"
    page = client.get("/fr/search/?q=how do I pair the remote control").content.decode()
    assert "/en/article/pair-the-remote-control/" in page


def failed(text, *, language="fr", asked=False, days=1):
    visit = journeys.visit(journeys.new_key(), language=language)
    at = clock.now() - timedelta(days=days)
    journeys.step(visit, VisitStep.Kind.SEARCH, text, value=0, at=at)
    if asked:
        journeys.step(visit, VisitStep.Kind.ASK, "Chat", at=at + timedelta(minutes=1))
    return visit


def test_failed_searches_are_grouped_by_what_was_meant():
    failed("esim montre")
    failed("Comment mettre une eSIM dans ma montre", asked=True)
    failed("esim montres", days=40)  # too long ago
    failed("payer en 3 fois", asked=True)
    failed("je suis ada@lenoir.example")
    failed("01 99 00 12 34")
    journeys.step(failed("a"), VisitStep.Kind.SEARCH, "box", value=2)  # found something
    groups = {group.text: group for group in failed_searches.worklist()}
    assert len(groups["payer en 3 fois"].asked) == 1
    assert not any("ada" in text or "99" in text for text in groups)
    montre = next(group for text, group in groups.items() if "montre" in text)
    assert "box" not in groups
    assert len(montre.visits) >= 1


def test_what_was_dealt_with_returns_only_when_it_is_searched_again():
    failed("esim montre")
    (group,) = failed_searches.worklist()
    failed_searches.deal_with(group.language, group.key, by=None)
    assert failed_searches.worklist() == []
    failed("montre esim", days=0)
    failed_searches.deal_with(
        group.language, group.key, by=None, at=clock.now() - timedelta(hours=1)
    )
    assert len(failed_searches.worklist()) == 1


def test_the_worklist_costs_the_same_with_many_searches(django_assert_num_queries):
    failed("esim montre")
    with django_assert_num_queries(2):
        failed_searches.worklist()
    for number in range(20):
        failed(f"montre {number}")
    with django_assert_num_queries(2):
        failed_searches.worklist()


def test_mia_starts_the_missing_article_with_its_words(mia, bea):
    failed("esim montre")
    desk = signed_in(mia, second_factor=True)
    page = desk.get("/console/searches/").content.decode()
    assert "esim montre" in page
    wanted = {"text": "esim montre", "language": "fr", "form": ["montre esim"]}
    answer = desk.post("/console/searches/write/", wanted)
    begun = Version.objects.get()
    assert answer.url == f"/console/articles/{begun.article_id}/#fr"
    assert (begun.title, begun.keywords) == ("Esim montre", ["esim montre", "montre esim"])
    assert (begun.state, begun.article.owner) == ("draft", mia)
    assert signed_in(bea.user, second_factor=True).get("/console/searches/").status_code == 403
    refused = signed_in(bea.user, second_factor=True).post("/console/searches/write/", wanted)
    assert (refused.status_code, Version.objects.count()) == (403, 1)
