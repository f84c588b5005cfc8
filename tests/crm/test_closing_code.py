"""The closing code: both subjects kept, the real one proposed, a promise that comes back."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import NextStep, Status
from crm.services import closing_code, interactions, posting
from tests import factories
from tests.crm.test_desk import chat, desk, signed_in

__all__ = ["chat", "desk", "signed_in"]  # fixtures

DESK = "/console/desk/"
pytestmark = pytest.mark.django_db


def closed_about(subject, text, bea):
    row = factories.InteractionFactory(queue=subject.queue)
    posting.post(row, author="customer", text=text)
    interactions.assign(row, bea)
    return interactions.close(row, by=bea, outcome="solved", real_subject=subject)


@pytest.fixture
def lesson(remote, sim, bea):
    for n in range(4):
        closed_about(remote, f"Bonjour, ma télécommande clignote numéro {n}", bea)
        closed_about(sim, f"Bonjour, ma carte eSIM refuse le code {n}", bea)


def test_the_subject_is_proposed_by_the_words_that_speak_for_it(lesson, remote, sim, ada):
    row = interactions.open("chat", ada, subject=sim)
    posting.post(row, author="customer", text="Bonjour ! La télécommande clignote en rouge")
    [best, *_others] = closing_code.propose(row)
    assert best.subject == remote
    assert set(best.words) == {"télécommande", "clignote"}


def test_of_words_that_everybody_says_nothing_is_proposed(lesson, ada, remote):
    row = interactions.open("chat", ada, subject=remote)
    posting.post(row, author="customer", text="Bonjour, merci beaucoup")
    assert closing_code.propose(row) == []


def test_proposing_costs_the_same_after_many_exchanges(
    lesson, chat, bea, sim, django_assert_num_queries
):
    row = chat(bea)
    for _n in range(20):
        closed_about(sim, "Ma carte eSIM refuse le code", bea)
    with django_assert_num_queries(3):
        closing_code.propose(row)


def test_the_customers_subject_and_the_real_one_are_both_kept(desk, chat, bea, remote, sim):
    row = chat(bea)
    answer = desk.post(f"{DESK}{row.pk}/close/", {"outcome": "solved", "subject": sim.pk})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.subject, row.real_subject) == (remote, sim)


def test_a_promise_says_what_happens_next_and_comes_back_when_it_is_due(desk, chat, bea):
    row = chat(bea)
    due = clock.now() + timedelta(hours=2)
    said = {"outcome": "promised"}
    for wrong in (said, said | {"step": "Rappeler"}, said | {"step": " ", "step_by": due}):
        assert desk.post(f"{DESK}{row.pk}/close/", wrong).status_code == 400
    past = said | {"step": "Rappeler", "step_by": (clock.now() - timedelta(hours=1)).isoformat()}
    assert desk.post(f"{DESK}{row.pk}/close/", past).status_code == 400
    row.refresh_from_db()
    assert row.status == Status.ACTIVE
    right = said | {"step": "Rappeler", "step_by": due.isoformat()}
    assert desk.post(f"{DESK}{row.pk}/close/", right).status_code == 200
    assert interactions.bring_back() == 0
    assert interactions.bring_back(due) == 1
    assert interactions.bring_back(due) == 0
    row.refresh_from_db()
    assert (row.status, row.wanted_agent) == (Status.WAITING, bea)
    told = [m.body.get("event") for m in row.messages.filter(kind="event")]
    assert told.count("next_step") == told.count("next_step_due") == 1


def promise(row, agent, text="Rappeler", hours=2):
    said = interactions.Next(text, clock.now() + timedelta(hours=hours))
    interactions.close(row, by=agent, outcome="promised", next_step=said)
    return said.due_at


def test_a_customer_who_comes_back_before_ends_the_promise(desk, chat, bea):
    row = chat(bea)
    due = promise(row, bea)
    interactions.reopen(row)
    interactions.bring_back(due)
    row.refresh_from_db()
    assert (row.reopened, NextStep.objects.filter(done_at=None).count()) == (1, 0)


def test_what_is_solved_after_a_promise_stays_closed_when_that_would_be_due(chat, bea):
    row = chat(bea)
    due = promise(row, bea)
    interactions.take_up(row, bea)
    interactions.close(row, by=bea, outcome="solved")
    assert interactions.bring_back(due) == 0
    row.refresh_from_db()
    assert row.status == Status.CLOSED


def test_a_second_promise_stands_in_for_the_first(chat, bea):
    row = chat(bea)
    first = promise(row, bea)
    interactions.take_up(row, bea)
    second = promise(row, bea, "Envoyer un technicien", hours=30)
    assert interactions.bring_back(first) == 0
    assert interactions.bring_back(second) == 1
    last = row.messages.get(body__event="next_step_due")
    assert last.body["step"] == "Envoyer un technicien"


def test_what_closes_by_itself_ends_no_promise(chat, bea):
    row = chat(bea)
    due = promise(row, bea)
    interactions.reopen(row)
    interactions.close(row, outcome="silent")
    assert interactions.bring_back(due) == 1


def test_an_exchange_whose_words_are_erased_comes_back_to_nobody(chat, bea):
    row = chat(bea)
    due = promise(row, bea)
    posting.blank([row.pk])
    assert interactions.bring_back(due) == 0


def test_nobody_promises_without_saying_what(chat, bea):
    row = chat(bea)
    with pytest.raises(interactions.NotSaid):
        interactions.close(row, by=bea, outcome="promised")
    row.refresh_from_db()
    assert row.status == Status.ACTIVE


def test_the_same_by_the_api(signed_in, chat, bea, lesson):
    row = chat(bea)
    posting.post(row, author="customer", text="Elle clignote")
    api = signed_in(bea.user)
    proposed = api.get(f"/api/v1/interactions/{row.pk}/closing_code/").json()
    assert set(proposed[0]["words"]) == {"télécommande", "clignote"}
    assert not proposed[0]["sure"]  # four exchanges prove little
    close = f"/api/v1/interactions/{row.pk}/close/"
    assert api.post(close, {"outcome": "promised"}, "application/json").status_code == 400
    due = (clock.now() + timedelta(days=1)).isoformat()
    said = {"outcome": "promised", "next_step": "Envoyer un technicien", "next_by": due}
    assert api.post(close, said, "application/json").status_code == 200
    assert NextStep.objects.get().text == "Envoyer un technicien"
