"""The life of an exchange."""

import itertools
from datetime import timedelta

import pytest

from crm import clock
from crm.models import IllegalMove, Interaction, Message, Status, WorkSegment
from crm.models.interaction import MOVES
from crm.services import interactions, posting, presence
from tests import factories

Author = Message.Author


@pytest.mark.parametrize(("old", "new"), list(itertools.product(Status.values, repeat=2)))
def test_every_pair_of_statuses_is_either_allowed_or_refused(old, new):
    at = clock.now()
    row = Interaction(status=old, opened_at=at, closed_at=at if old == Status.CLOSED else None)
    if new in MOVES[old]:
        row.move_to(new, at)
        assert row.status == new
        assert (row.closed_at is not None) == (new == Status.CLOSED)
        assert (row.waiting_since is not None) == (new == Status.WAITING)
    else:
        with pytest.raises(IllegalMove):
            row.move_to(new, at)
        assert row.status == old


def chat_with(ada, bea, remote, at):
    interaction = interactions.open("chat", ada, subject=remote, at=at)
    posting.post(interaction, author=Author.CUSTOMER, text="Ma télécommande…", at=at)
    interactions.assign(interaction, bea, at=at + timedelta(seconds=10))
    posting.post(
        interaction, author=Author.AGENT, agent=bea, text="Bonjour", at=at + timedelta(seconds=30)
    )
    interaction.refresh_from_db()
    return interaction


def test_a_chat_goes_from_its_first_line_to_its_closing_code(ada, bea, remote, at_work):
    at_work(bea)
    start = clock.now() - timedelta(minutes=5)
    interaction = chat_with(ada, bea, remote, start)
    assert interaction.first_answer_at == start + timedelta(seconds=30)
    closed_at = start + timedelta(seconds=70)
    closed = interactions.close(interaction, by=bea, outcome="solved", at=closed_at)
    assert closed.closed_by == bea
    assert closed.real_subject == remote
    kinds = {s.kind: (s.until - s.since).total_seconds() for s in WorkSegment.objects.all()}
    assert kinds == {"write": 20, "wrap_up": 40}
    assert closed.handled_at == closed_at


def test_silence_beyond_the_wrap_up_time_belongs_to_nobody(ada, bea, remote, at_work):
    at_work(bea)
    start = clock.now() - timedelta(minutes=30)
    interaction = chat_with(ada, bea, remote, start)
    closed = interactions.close(
        interaction, by=bea, outcome="solved", at=start + timedelta(minutes=20)
    )
    assert closed.handled_at == start + timedelta(seconds=30 + 60)


def test_two_clicks_on_close_are_one_closing(ada, bea, remote):
    interaction = chat_with(ada, bea, remote, clock.now())
    interactions.close(interaction, by=bea, outcome="solved")
    again = interactions.close(interaction, by=bea, outcome="informed")
    assert again.outcome == "solved"
    assert Message.objects.filter(body__event="closed").count() == 1


def test_a_customer_who_writes_after_closing_opens_it_again(ada, bea, remote):
    interaction = chat_with(ada, bea, remote, clock.now())
    interactions.close(interaction, by=bea, outcome="solved")
    interaction.refresh_from_db()
    posting.post(interaction, author=Author.CUSTOMER, text="Encore en panne")
    interaction.refresh_from_db()
    assert interaction.status == Status.WAITING
    assert interaction.reopened == 1
    assert interaction.closed_by == bea


def test_an_answer_of_the_customer_wakes_a_snoozed_exchange(ada, bea, remote):
    interaction = chat_with(ada, bea, remote, clock.now())
    interactions.snooze(interaction, by=bea, until=clock.now() + timedelta(days=2))
    interaction.refresh_from_db()
    posting.post(interaction, author=Author.CUSTOMER, text="Finalement…")
    interaction.refresh_from_db()
    assert (interaction.status, interaction.agent) == (Status.ACTIVE, bea)


def test_what_is_due_wakes_once_whoever_looks(ada, remote):
    due = clock.now() + timedelta(hours=1)
    sleeping = interactions.open("chat", ada, subject=remote, status=Status.PENDING, wake_at=due)
    assert interactions.wake_due(due - timedelta(seconds=1)) == 0
    assert interactions.wake_due(due) == 1
    assert interactions.wake_due(due) == 0
    sleeping.refresh_from_db()
    assert sleeping.status == Status.WAITING
    assert sleeping.offered_at == due


def test_what_was_set_aside_comes_back_to_its_agent_who_reads_since_when(ada, bea, remote):
    interaction = chat_with(ada, bea, remote, clock.now())
    until = clock.now() + timedelta(hours=1)
    interactions.snooze(interaction, by=bea, until=until)
    assert interactions.wake_due(until + timedelta(seconds=9)) == 1
    interaction.refresh_from_db()
    assert (interaction.status, interaction.agent) == (Status.ACTIVE, bea)
    assert interaction.wake_at == until
    interactions.wait_for_customer(interaction, by=bea)
    interaction.refresh_from_db()
    assert interaction.wake_at is None


def test_only_one_of_two_agents_takes_a_waiting_exchange(ada, bea, carl, remote):
    interaction = interactions.open("mail", ada, subject=remote)
    interactions.take(interaction.pk, bea)
    with pytest.raises(interactions.NotFree):
        interactions.take(interaction.pk, carl)
    interaction.refresh_from_db()
    assert interaction.agent == bea


def test_a_transfer_frees_the_giver_and_tells_the_customer(ada, bea, carl, remote, at_work):
    at_work(bea, carl)
    interaction = chat_with(ada, bea, remote, clock.now())
    interactions.transfer(interaction, by=bea, to_agent=carl, note="Cliente pressée")
    interaction.refresh_from_db()
    assert interaction.agent == carl
    assert presence.current_state(bea).state == "available"
    assert presence.current_state(carl).state == "working"
    note = interaction.messages.get(kind="note")
    assert note.customer_seq is None


def test_the_ledger_of_states_has_no_gap_and_no_overlap(ada, bea, remote, at_work):
    at_work(bea)
    first = chat_with(ada, bea, remote, clock.now())
    presence.set_state(bea, "break", reason="déjeuner")
    interactions.close(first, by=bea, outcome="solved")
    presence.set_state(bea, "available")
    presence.set_state(bea, "offline")
    rows = list(bea.states.order_by("pk"))
    assert [row.state for row in rows] == ["available", "working", "break", "available", "offline"]
    assert all(a.until == b.since for a, b in itertools.pairwise(rows))


def test_a_lost_agent_is_offline_and_comes_back_by_itself(bea, at_work):
    at_work(bea)
    heartbeat = bea.heartbeat
    heartbeat.seen_at = clock.wall() - timedelta(seconds=31)
    heartbeat.save()
    assert presence.mark_absent() == 1
    assert presence.current_state(bea).state == "offline"
    presence.beat(bea)
    assert presence.current_state(bea).state == "available"


def test_who_sees_an_exchange(ada, ada_user, bea, mia, mallory, remote, mobile_queue):
    mine = interactions.open("chat", ada, subject=remote)
    other_queue = factories.InteractionFactory(queue=mobile_queue)
    see = lambda user: set(Interaction.objects.visible_to(user))  # noqa: E731
    assert see(ada_user) == {mine}
    assert see(mallory) == set()
    assert see(bea.user) == {mine}
    assert see(mia) == {mine, other_queue}
