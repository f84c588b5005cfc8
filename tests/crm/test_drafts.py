"""Words begun and not sent follow the agent to any machine, and nobody else."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Draft
from crm.services import drafts, noting, posting
from tests import factories
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(bea, box_queue):
    return factories.InteractionFactory(channel="mail", status="active", agent=bea, queue=box_queue)


@pytest.fixture
def desk(bea):
    return signed_in(bea.user, second_factor=True)


def kept(client, row):
    return client.get(f"/console/desk/{row.pk}/").json()["drafts"]


def keep(client, row, text, kind="text"):
    said = {"kind": kind, "text": text}
    return client.post(f"/console/desk/{row.pk}/draft/", said).status_code


def test_what_bea_begins_here_she_finds_at_another_desk(desk, bea, row):
    for text in ("Bonjour", "Bonjour Madame Lenoir,\n\nvotre"):
        assert keep(desk, row, text) == 200
    assert keep(desk, row, "Demander à Carl", "note") == 200
    elsewhere = signed_in(bea.user, second_factor=True)
    assert kept(elsewhere, row) == {
        "text": "Bonjour Madame Lenoir,\n\nvotre",
        "note": "Demander à Carl",
    }
    assert keep(elsewhere, row, " ") == 200
    assert kept(desk, row) == {"note": "Demander à Carl"}


def test_a_colleague_reads_none_of_it_and_has_their_own(desk, carl, box_queue, row):
    carl.queues.add(box_queue)
    keep(desk, row, "Pour mes yeux")
    carls = signed_in(carl.user, second_factor=True)
    assert kept(carls, row) == {}
    assert keep(carls, row, "Je passe", "note") == 200
    assert kept(desk, row) == {"text": "Pour mes yeux"}


def test_what_was_sent_is_no_draft_even_if_the_browser_died_before_it_forgot(bea, row):
    drafts.keep(row, bea, "text", "Voilà")
    drafts.keep(row, bea, "note", "À revoir")
    posting.post(row, author="agent", agent=bea, text="Voilà", client_id="c1")
    assert drafts.of(row, bea) == {"note": "À revoir"}
    noting.note(row, "À revoir", agent=bea, client_id="c2")
    assert drafts.of(row, bea) == {}
    drafts.keep(row, bea, "text", "Et encore")
    assert drafts.of(row, bea) == {"text": "Et encore"}


def test_card_numbers_are_not_kept_and_old_words_are_forgotten(bea, row):
    drafts.keep(row, bea, "text", "La carte 4111 1111 1111 1111")
    assert "4111 1111" not in Draft.objects.get().text
    assert drafts.forget_old() == 0
    Draft.objects.update(at=clock.now() - timedelta(days=31))
    assert drafts.forget_old() == 1


def test_whoever_may_not_read_the_exchange_keeps_nothing_in_it(desk, mallory, row, mobile_queue):
    theirs = factories.InteractionFactory(channel="mail", status="waiting", queue=mobile_queue)
    assert keep(desk, theirs, "Coucou") == 404
    assert keep(desk, row, "Coucou", "poem") == 400
    assert keep(stranger(), row, "Coucou") in (302, 403)
    assert keep(signed_in(mallory, second_factor=True), row, "Coucou") in (302, 403)
    assert not Draft.objects.exists()


def test_erasing_takes_what_was_about_to_be_said(desk, bea, row):
    keep(desk, row, "Chère Madame Lenoir")
    posting.blank([row.pk])
    assert not Draft.objects.exists()


def test_opening_costs_two_questions_for_drafts_however_many(
    desk, bea, row, django_assert_max_num_queries
):
    for kind in Draft.Kind.values:
        keep(desk, row, "Bonjour", kind)
    with django_assert_max_num_queries(2):
        assert len(drafts.of(row, bea)) == 3
