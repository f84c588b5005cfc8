"""What was said is found, by its words in either language, by those who may see it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from crm import clock
from crm.models import Message, MessageText, SearchMark
from crm.services import posting, search
from crm.services.search import words
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(ada, box_queue, bea):
    return factories.InteractionFactory(
        customer=ada, queue=box_queue, agent=bea, status="active", waiting_since=None
    )


def say(interaction, text, **extra):
    return posting.post(interaction, author="customer", text=text, **extra)


def found(user, term, **asked):
    search.fill()
    return texts(search.find_messages(user, term, **asked))


def texts(hits):
    said = Message.objects.in_bulk([hit.message for hit in hits.found])
    return [said[hit.message].text for hit in hits.found]


@pytest.mark.parametrize(
    "term", ["telecommande", "TÉLÉCOMMANDES", "l’appairage de la télécommande", "appairages"]
)
def test_accents_capitals_grammar_and_endings_do_not_matter(mia, chat, term):
    said = "Ma télécommande refuse l’appairage depuis hier"
    say(chat, said)
    say(chat, "Bonjour, ma facture est fausse")
    assert found(mia, term) == [said]


def test_english_is_found_by_english_endings(mia, ada, box_queue):
    mail = factories.InteractionFactory(customer=ada, queue=box_queue, language="en")
    say(mail, "The parcels were never delivered")
    assert found(mia, "parcel delivery") == []
    assert found(mia, "parcel delivered") == ["The parcels were never delivered"]


def test_the_passage_marks_what_answers(mia, chat):
    say(chat, "x " * 200 + "ma télécommande ne s’allume plus" + " y" * 200)
    search.fill()
    passage = search.find_messages(mia, "télécommandes").found[0].passage
    assert [piece.text for piece in passage.pieces if piece.marked] == ["télécommande"]
    assert len(passage.text) < 300


def test_an_agent_finds_nothing_in_other_queues_anywhere(bea, chat, mobile_queue):
    other = factories.InteractionFactory(queue=mobile_queue, title="Confidentiel")
    say(other, "Le code secret est orchidée")
    say(chat, "Mon jardin a une rose")
    assert found(bea.user, "orchidée") == []
    assert found(bea.user, "rose") == ["Mon jardin a une rose"]
    client = signed_in(bea.user, second_factor=True)
    for url in ("/console/find/?q=orchidée", "/console/search/?s=orchidée"):
        body = client.get(url).content.decode()
        assert "secret" not in body
        assert "Confidentiel" not in body
    assert client.get("/api/v1/search/?q=orchidée").json()["results"] == []
    assert client.get("/api/v1/search/?q=rose").json()["results"][0]["interaction"] == chat.pk


def test_the_stranger_finds_nothing(mallory, chat):
    say(chat, "Ma télécommande")
    assert found(mallory, "télécommande") == []


def test_a_line_taken_back_or_reworded_is_found_by_what_it_says_now(mia, chat):
    first, second = say(chat, "Mon mot de passe est azerty"), say(chat, "La lumiere est rouge")
    assert found(mia, "azerty")
    posting.delete(first)
    posting.edit(second, "La lumière est verte")
    assert found(mia, "azerty") == []
    assert found(mia, "rouge") == []
    assert found(mia, "verte") == ["La lumière est verte"]


def test_internal_notes_are_found_and_events_are_not(mia, chat):
    posting.post(chat, author="agent", kind="note", text="Cliente à rappeler jeudi")
    posting.post(chat, author="system", kind="event", body={"event": "assigned"})
    assert found(mia, "rappeler") == ["Cliente à rappeler jeudi"]
    assert MessageText.objects.count() == 1


@pytest.mark.parametrize("best", [False, True])
def test_pages_follow_one_another_each_message_once(mia, chat, best):
    for n in range(25):
        at = clock.now() - timedelta(days=n * 40)
        say(chat, f"panne numéro {n}", at=at)
    search.fill()
    seen, after = [], ""
    while True:
        page = search.find_messages(mia, "panne", best=best, after=after, size=7)
        seen += texts(page)
        if not (after := page.older):
            break
    assert seen == [f"panne numéro {n}" for n in range(25)]


def test_a_cursor_of_somebody_elses_making_is_refused(mia):
    for cursor in ("x", "d.1", "b.1.2", "d.99999999999999999999999.1", "d.1.2.3"):
        with pytest.raises(search.BadCursor):
            search.find_messages(mia, "panne", after=cursor)


def test_a_question_of_little_words_says_so(mia):
    assert not search.find_messages(mia, "le la les").words


def test_what_committed_late_gets_its_words_all_the_same(mia, chat):
    """An id below the mark that became visible only now."""
    late = say(chat, "Le décodeur clignote")
    MessageText.objects.all().delete()
    SearchMark.objects.update_or_create(
        pk=1, defaults={"quick": late.pk + 90_000, "seen_at": clock.wall()}
    )
    assert search.fill() == 0
    SearchMark.objects.update(seen_at=clock.wall() - timedelta(minutes=11))
    assert search.fill() == 1
    assert found(mia, "décodeur")


def test_filling_twice_writes_once(chat):
    say(chat, "Bonjour")
    assert (search.fill(), search.fill()) == (1, 0)


def test_a_page_costs_the_same_whatever_it_finds(mia, chat):
    client = signed_in(mia, second_factor=True)
    url = reverse("admin:find") + "?q=panne"

    def queries() -> int:
        search.fill()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    say(chat, "panne")
    queries()
    for n in range(18):
        say(chat, f"panne {n}")
    few = queries()
    for n in range(40):
        other = factories.InteractionFactory(customer=factories.CustomerFactory())
        say(other, f"panne {n}")
    # how often it looks further back depends on how frequent the word is, never on the rows shown
    assert queries() <= few + 5


def test_a_whole_identity_opens_a_record_of_other_queues(bea, mobile_queue):
    zoe = factories.CustomerFactory(first_name="Zoé", last_name="Blanc")
    factories.IdentityFactory(customer=zoe, value="zoe@blanc.example")
    factories.InteractionFactory(customer=zoe, queue=mobile_queue)
    client = signed_in(bea.user, second_factor=True)
    shown = client.get("/console/find/?q=zoe@blanc.example").content.decode()
    assert "Blanc" not in shown
    assert "find/open/" in shown
    assert "find/open/" not in client.get("/console/find/?q=zoe@blan").content.decode()
    client.post("/console/find/open/", {"identity": "zoe@blan"})
    assert client.get(f"/api/v1/customers/{zoe.pk}/").status_code == 404
    opened = client.post("/console/find/open/", {"identity": "zoe@blanc.example"})
    assert opened["Location"].endswith(f"/customer/{zoe.pk}/change/")
    assert client.get(opened["Location"]).status_code == 200


def test_deleting_an_exchange_takes_its_words(chat):
    say(chat, "Bonjour")
    search.fill()
    Message.objects.all().delete()
    assert not MessageText.objects.exists()


@given(end=st.integers(-400, 12_000), days=st.integers(1, 1_500))
def test_a_stretch_of_time_holds_each_of_its_days(end, days):
    asked, first = words.said_between(end - days, end)
    assert end - 2 * days < first <= end - days
    for day in {first, end - days, end - days // 2 - 1, end - 1}:
        assert any(f"'{one}'" in asked for one in words.stretches(words.midnight(day)))
    assert not any(f"'{one}'" in asked for one in words.stretches(words.midnight(first - 1)))
