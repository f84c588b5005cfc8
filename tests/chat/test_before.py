"""Before a chat: the subject, the form, what to read first, and the ways out of the line."""

import pytest

from chat.models import Chat, Question, QueueSettings
from chat.services import identity
from crm.models import Interaction, OwnField, Participant
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def asks(box_queue):
    """`asks("mail", required=True)`: a field of the box queue's form."""
    settings, _made = QueueSettings.objects.get_or_create(queue=box_queue)

    def add(what, *, required=False, own=None):
        return Question.objects.create(
            settings=settings, asks=what, is_required=required, own_field=own
        )

    return add


@pytest.fixture
def box_number(db):
    return OwnField.objects.create(
        about="interaction", key="box", name_fr="Numéro de la box", kind="number"
    )


@pytest.fixture
def begin(ask, visit, rule, bea, at_work):
    at_work(bea)

    def start(**more):
        line = {"key": "start-key-1", "text": "Bonjour", "client_id": "line-key-1"}
        return ask("start", visit=visit, **line | more)[1]

    return start


def form(ask, **more):
    return [field["name"] for field in ask("visit", open=True, **more)[1]["button"]["form"]]


def test_a_page_that_nobody_opened_the_chat_on_asks_for_nothing_more(ask, rule, bea, at_work):
    at_work(bea)
    assert "form" not in ask("visit")[1]["button"]


def test_the_visitor_may_say_what_it_is_about(ask, rule, sim, bea, at_work):
    at_work(bea)
    here = ask("visit", open=True)[1]["button"]
    assert here["subject"] == rule.subject.slug
    assert sim.slug in [one["slug"] for one in here["subjects"]]
    assert ask("visit", open=True, subject=sim.slug)[1]["button"]["state"] != "chat"


def test_a_page_about_nothing_offers_the_choice(ask, shop, remote):
    button = ask("visit", open=True)[1]["button"]
    assert (button["subject"], button["can_chat"]) == ("", False)
    assert [one["slug"] for one in button["subjects"]] == [remote.slug]
    shop.asks_subject = False
    shop.save()
    assert ask("visit", open=True)[1]["button"]["subjects"] == []


def test_the_form_is_its_queues_and_its_answers_reach_the_exchange(
    ask, begin, asks, box_number, sim
):
    asks("name"), asks("mail", required=True), asks("own", own=box_number)
    assert form(ask) == ["name", "mail", "own.box", "in_writing"]
    answer = begin(form={"name": "Ada Lenoir", "mail": "Ada@lenoir.example", "own.box": "42"})
    row = Interaction.objects.get(pk=answer["chat"]["i"])
    assert row.own == {"box": 42}
    assert str(row.customer) == "Ada Lenoir"
    mine = row.participants.get(role=Participant.Role.CUSTOMER)
    assert mine.address == "ada@lenoir.example"
    # a claim: no identity of the record, and no proof
    assert not row.customer.identities.filter(kind="mail").exists()
    assert row.verified_at is None


def test_what_must_be_answered_is_asked_again_and_no_chat_begins(begin, asks, box_number):
    asks("mail", required=True), asks("own", own=box_number)
    for wrong in ({}, {"mail": "ada"}, {"mail": "ada@lenoir.example", "own.box": "blue"}):
        answer = begin(form=wrong)
        assert answer["chat"] is None
        assert answer["errors"]
    assert not Chat.objects.exists()
    assert begin(form={"mail": "ada@lenoir.example"})["chat"]


def test_who_is_known_is_not_asked(ask, begin, asks, shop, ada_user):
    asks("name", required=True), asks("mail", required=True)
    identity.rotate(shop)
    token = identity.sign(shop, email="ada@lenoir.example", name="Ada Lenoir")
    assert form(ask, identity=token) == ["in_writing"]
    assert form(ask, identity="forged") == ["name", "mail", "in_writing"]
    assert begin(identity=token)["chat"]


def test_help_articles_come_first(ask, rule):
    from tests.selfcare.helpdesk import write

    article = write("Appairer la télécommande", "<p>Tenez OK.</p>")
    article.article.subject = rule.subject
    article.article.save()
    found = ask("visit", open=True)[1]["button"]["readings"]
    assert [one["title"] for one in found] == ["Appairer la télécommande"]
    assert found[0]["url"].endswith(f"/fr/article/{article.slug}/")


def test_the_notice_says_who_reads_and_for_how_long(client, shop):
    page = client.get("/widget/frame/boutique/?lang=en").content.decode()
    assert "are kept for 24 months" in page
    assert "colleague may assist" in page


def test_the_form_of_another_queue_is_its_own(ask, asks, rule, sim, bea, at_work):
    at_work(bea)
    asks("mail", required=True)
    other = factories.QueueFactory(slug="other", schedule=rule.subject.queue.schedule)
    sim.queue = other
    sim.save()
    bea.queues.add(other)
    assert form(ask, subject=sim.slug) == []
    assert form(ask) == ["mail", "in_writing"]


def test_a_visit_whose_customer_has_a_name_is_not_asked_for_it(
    ask, visit, asks, rule, ada, bea, at_work
):
    at_work(bea)
    asks("name")
    assert form(ask, visit=visit) == ["name", "in_writing"]
    visit.customer = ada
    visit.save()
    assert form(ask, visit=visit) == ["in_writing"]


def test_a_sites_colour_says_which_shade_is_used_and_how_it_reads(shop):
    from chat.services import looks

    assert looks.samples(shop) == []
    shop.primary_color = "#ffe000"  # white on it cannot be read
    light, dark = looks.samples(shop)
    assert light["changed"]
    assert light["contrast"] >= 4.5
    assert (dark["shade"], dark["changed"]) == ("#ffe000", False)


def test_a_logo_is_a_picture_and_small(client, shop, settings, tmp_path):
    from django.core.exceptions import ValidationError
    from django.core.files.uploadedfile import SimpleUploadedFile

    from chat.services import looks

    settings.MEDIA_ROOT = tmp_path
    for content in (b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n" + b"0" * 300_000):
        with pytest.raises(ValidationError):
            looks.check_logo(SimpleUploadedFile("logo.png", content))
    good = looks.check_logo(SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40))
    shop.logo.save("logo.png", good)
    answer = client.get(looks.logo_address(shop))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "/widget/logo/boutique/" in client.get("/widget/frame/boutique/").content.decode()


def test_who_cannot_telephone_goes_first_and_the_adviser_reads_it(ask, begin, box_queue):
    factories.InteractionFactory.create_batch(3, queue=box_queue)
    assert form(ask)[-1] == "in_writing"
    begin(form={"in_writing": "1"})
    mine = Interaction.objects.get(channel="chat", visit__isnull=False)
    assert mine.priority == 3
    event = mine.messages.get(body__event="in_writing")
    assert event.customer_seq is None, "the customer knows; it is for whoever answers"


def test_without_a_chat_the_way_in_writing_stands_beside_the_call(ask, rule):
    ways = {way["name"]: way["url"] for way in ask("visit", open=True)[1]["button"]["ways"]}
    assert ways["in_writing"].startswith(ways["mail"])
    assert "in_writing=1" in ways["in_writing"]
