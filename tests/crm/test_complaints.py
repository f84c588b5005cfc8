"""A complaint: its own times and owner, a written answer, and the way on in a refusal."""

from datetime import timedelta

import pytest
from django.conf import settings

from crm import clock
from crm.models import Complaint, DueTime, IllegalMove, Message, Recourse, Status, Target
from crm.services import complaints, interactions, posting

pytestmark = pytest.mark.django_db
Author = Message.Author


@pytest.fixture(autouse=True)
def rule(db):
    """As shipped; a test that truncates tables may have taken it away."""
    Target.objects.get_or_create(
        name="Réclamations",
        defaults={"nature": "complaint", "first_answer": "2 d", "solution": "10 d"},
    )


@pytest.fixture
def recourse(db):
    return Recourse.objects.create(
        brand=settings.BRAND,
        second_level_fr="Service consommateurs, 35000 Rennes",
        second_level_en="Consumer service, 35000 Rennes",
        mediator_fr="La médiatrice, mediation.example",
    )


@pytest.fixture
def complaint(ada, bea, remote):
    at = clock.now() - timedelta(hours=2)
    row = interactions.open("mail", ada, subject=remote, at=at)
    posting.post(row, author=Author.CUSTOMER, text="Je ne suis pas content", at=at)
    interactions.take(row.pk, bea, at=at)
    return complaints.turn_into(row, by=bea, at=at)


def write(row, agent, text="Nous avons vérifié."):
    posting.post(row, author=Author.AGENT, agent=agent, text=text)


def test_it_has_its_own_times_and_whoever_has_it_owns_it(complaint, bea):
    assert complaint.nature == "complaint"
    assert complaint.complaint.owner == bea
    clocks = {
        d.kind: d.target.name for d in DueTime.objects.filter(interaction=complaint, done_at=None)
    }
    assert set(clocks) == {"first", "solution"}
    assert set(clocks.values()) == {"Réclamations"}


def test_turning_it_twice_changes_nothing(complaint, bea, carl):
    complaints.turn_into(complaint, by=carl, owner=carl)
    assert Complaint.objects.get().owner == bea


def test_it_is_not_closed_without_a_written_answer(complaint, bea):
    with pytest.raises(interactions.NotAnswered):
        interactions.close(complaint, by=bea, outcome="solved")
    note = {"kind": "note", "to_customer": False}
    posting.post(complaint, author=Author.AGENT, agent=bea, text="Appelée", **note)
    with pytest.raises(interactions.NotAnswered):
        interactions.close(complaint, by=bea, outcome="solved")
    complaint.refresh_from_db()
    assert complaint.status == Status.ACTIVE
    write(complaint, bea)
    closed = interactions.close(complaint, by=bea, outcome="solved", founded=True)
    assert closed.status == Status.CLOSED
    assert Complaint.objects.get().founded is True


def test_no_rule_closes_it_unanswered_it_goes_back_to_its_queue(complaint):
    row = interactions.close(complaint, outcome="silent")
    assert (row.status, row.agent) == (Status.WAITING, None)


def test_spam_and_what_the_customer_withdrew_need_no_answer(complaint, bea):
    assert interactions.close(complaint, by=bea, outcome="cancelled").status == Status.CLOSED


def test_a_refusal_names_the_next_level_and_the_mediator_once(complaint, bea, recourse):
    write(complaint, bea)
    interactions.close(complaint, by=bea, outcome="refused")
    (said,) = Message.objects.filter(interaction=complaint, author=Author.SYSTEM, kind="text")
    assert "35000 Rennes" in said.text
    assert "La médiatrice" in said.text
    assert said.customer_seq is not None
    assert Complaint.objects.get().founded is False


def test_without_a_mediator_written_down_nothing_is_refused(complaint, bea):
    write(complaint, bea)
    with pytest.raises(interactions.NoRecourse):
        interactions.close(complaint, by=bea, outcome="solved", founded=False)
    complaint.refresh_from_db()
    assert complaint.status == Status.ACTIVE


def test_the_next_level_opens_it_again_and_wants_an_answer_of_its_own(complaint, bea, recourse):
    write(complaint, bea)
    interactions.close(complaint, by=bea, outcome="refused")
    row = complaints.next_level(complaint, by=bea)
    assert (row.status, row.complaint.level) == (Status.WAITING, 2)
    interactions.take(row.pk, bea)
    with pytest.raises(interactions.NotAnswered):
        interactions.close(row, by=bea, outcome="refused")
    write(row, bea, "Après examen…")
    interactions.close(row, by=bea, outcome="refused")
    last = Message.objects.filter(interaction=row, author=Author.SYSTEM, kind="text").last()
    assert "35000 Rennes" not in last.text
    assert "La médiatrice" in last.text
    complaints.next_level(row, by=bea)
    with pytest.raises(IllegalMove):
        complaints.next_level(row, by=bea)


def test_named_only_at_closing_the_whole_exchange_is_its_answer(ada, bea, remote):
    row = interactions.open("chat", ada, subject=remote)
    posting.post(row, author=Author.CUSTOMER, text="Encore vous")
    interactions.assign(row, bea)
    with pytest.raises(interactions.NotAnswered):
        interactions.close(row, by=bea, outcome="solved", nature="complaint")
    write(row, bea)
    closed = interactions.close(row, by=bea, outcome="solved", nature="complaint")
    assert (closed.nature, closed.complaint.level) == ("complaint", 1)


def test_only_a_complaint_is_refused(ada, bea, remote):
    row = interactions.open("mail", ada, subject=remote)
    with pytest.raises(interactions.NoComplaint):
        interactions.close(row, by=bea, outcome="refused")


def test_it_is_given_to_another_owner(complaint, bea, carl):
    complaints.give_to(complaint, carl, by=bea)
    assert Complaint.objects.get().owner == carl
    complaint.refresh_from_db()
    assert complaint.agent == bea
