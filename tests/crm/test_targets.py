"""By when customers may expect an answer, and what happens when they wait too long."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Closure, DueTime, Message, Status, Target, TargetAlert
from crm.models.calendar import Calendar
from crm.models.target import Allowance, allowance, due_at
from crm.services import escalation, interactions, posting, roles, targets
from tests import factories
from tests.crm.test_hours import paris
from tickets.models import Mail

pytestmark = pytest.mark.django_db
Author = Message.Author
MONDAY = paris(2026, 11, 23, 9)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def rules(db):
    """The usual ones, but for mail hours that fit into a day."""
    Target.objects.all().delete()
    Target.objects.create(name="chat", channel="chat", first_answer="30 s", next_answer="2 min")
    return Target.objects.create(
        name="mail", channel="mail", first_answer="6 h", next_answer="3 h", solution="20 h"
    )


def mail(ada, subject, at=MONDAY, **more):
    row = interactions.open("mail", ada, subject=subject, at=at, **more)
    posting.post(row, author=Author.CUSTOMER, text="Ma facture", at=at)
    return row


def answer(row, agent, at):
    posting.post(row, author=Author.AGENT, agent=agent, text="Bonjour", at=at)


def running(row):
    return {d.kind: d.due_at for d in DueTime.objects.filter(interaction=row, done_at=None)}


def test_the_first_answer_is_due_in_opening_hours(ada, sim):
    row = mail(ada, sim, at=paris(2026, 11, 21, 18))  # Saturday, two hours before closing
    assert running(row)["first"] == paris(2026, 11, 23, 12)
    assert running(row)["solution"] == paris(2026, 11, 24, 14)


def test_an_answer_ends_the_first_clock_and_the_next_words_start_the_next(ada, bea, sim):
    row = mail(ada, sim)
    interactions.take(row.pk, bea)
    answer(row, bea, MONDAY + HOUR)
    assert set(running(row)) == {"solution"}
    first = DueTime.objects.get(interaction=row, kind="first")
    assert first.done_at == MONDAY + HOUR
    for minutes in (120, 150):  # the second line does not begin anew
        posting.post(
            row, author=Author.CUSTOMER, text="Et ?", at=MONDAY + timedelta(minutes=minutes)
        )
    assert running(row)["next"] == MONDAY + 5 * HOUR


def test_clocks_stand_while_it_is_the_customers_turn(ada, bea, sim, monkeypatch):
    row = mail(ada, sim)
    interactions.take(row.pk, bea)
    now = at_clock(monkeypatch)
    now(MONDAY + HOUR)
    answer(row, bea, MONDAY + HOUR)
    interactions.wait_for_customer(row, by=bea)
    assert running(row) == {"solution": None}
    row.refresh_from_db()
    posting.post(row, author=Author.CUSTOMER, text="Voilà", at=MONDAY + 5 * HOUR)
    assert running(row)["solution"] == paris(2026, 11, 25, 9)


def at_clock(monkeypatch):
    def go(at):
        monkeypatch.setattr("crm.clock.now", lambda: at)

    return go


def test_a_snooze_of_ours_does_not_stop_the_customers_clock(ada, bea, sim):
    row = mail(ada, sim)
    interactions.take(row.pk, bea)
    before = running(row)
    interactions.snooze(row, by=bea, until=MONDAY + 20 * HOUR)
    assert running(row) == before


def test_closing_ends_every_clock_and_reopening_starts_the_solution_again(ada, bea, sim):
    row = mail(ada, sim)
    interactions.take(row.pk, bea)
    answer(row, bea, MONDAY + HOUR)
    interactions.close(row, by=bea, outcome="solved", at=MONDAY + 2 * HOUR)
    assert running(row) == {}
    interactions.reopen(row, by=bea, at=MONDAY + 3 * HOUR)
    assert set(running(row)) == {"solution"}


def test_the_first_rule_that_fits_decides(ada, sim, rules):
    Target.objects.create(name="urgent", position=0, priority=5, first_answer="1 h")
    Target.objects.filter(pk=rules.pk).update(position=1)
    assert running(mail(ada, sim, priority=5))["first"] == MONDAY + HOUR
    assert running(mail(ada, sim))["first"] == MONDAY + 6 * HOUR


def test_due_times_move_when_the_calendar_does_and_when_the_rule_does(ada, sim, rules):
    row = mail(ada, sim, at=paris(2026, 11, 21, 18))
    assert targets.recount() == 0
    Closure.objects.create(schedule=sim.queue.schedule, day=date(2026, 11, 23))
    assert targets.recount() == 1
    assert running(row)["first"] == paris(2026, 11, 24, 12)
    rules.first_answer = "1 h"
    rules.save()
    assert targets.recount() == 1
    assert running(row)["first"] == paris(2026, 11, 21, 19)
    assert targets.recount() == 0
    rules.is_active = False
    rules.save()
    targets.recount()
    assert running(row) == {}


def test_a_recount_goes_on_where_it_stopped(ada, sim, rules, monkeypatch):
    rows = [mail(ada, sim) for _n in range(5)]
    rules.first_answer = "1 h"
    rules.save()
    monkeypatch.setattr(targets, "_BATCH", 2)
    assert targets.recount(patience=0) == 2
    assert targets.recount(patience=0) == 2
    assert targets.recount(patience=0) == 1
    assert targets.recount(patience=0) == 0
    assert {running(row)["first"] for row in rows} == {MONDAY + HOUR}


def test_a_chats_clocks_follow_a_few_seconds_behind(ada, bea, remote, at_work):
    chat = interactions.open("chat", ada, subject=remote, at=MONDAY)
    posting.post(chat, author=Author.CUSTOMER, text="Bonjour", at=MONDAY)
    assert running(chat) == {"first": MONDAY + timedelta(seconds=30)}
    interactions.assign(chat, bea, at=MONDAY)
    answer(chat, bea, MONDAY + timedelta(seconds=20))
    posting.post(chat, author=Author.CUSTOMER, text="Oui", at=MONDAY + timedelta(seconds=40))
    posting.post(chat, author=Author.CUSTOMER, text="Alors ?", at=MONDAY + timedelta(seconds=90))
    assert targets.catch_up() == 1
    assert running(chat) == {"next": MONDAY + timedelta(seconds=160)}
    assert targets.catch_up() == 0
    answer(chat, bea, MONDAY + timedelta(seconds=100))
    assert targets.catch_up() == 1
    assert running(chat) == {}


@pytest.fixture
def lead(box_queue):
    user = factories.UserFactory(email="lea@lumio.example", first_name="Léa", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.LEAD))
    factories.AgentFactory(user=user, display_name="Léa", queues=[box_queue])
    return user


def test_a_warning_then_an_escalation_each_once(
    ada, bea, sim, mobile_queue, box_queue, lead, rules
):
    rules.raise_priority, rules.move_to = 30, box_queue
    rules.save()
    factories.AgentFactory(
        user=factories.UserFactory(email="paul@lumio.example", is_staff=True), queues=[mobile_queue]
    )
    row = mail(ada, sim)
    assert escalation.act(MONDAY + 4 * HOUR) == 0
    assert escalation.act(MONDAY + 5 * HOUR) == 1
    assert escalation.act(MONDAY + 5 * HOUR) == 0
    assert not Mail.objects.filter(key__startswith="late:").exists()
    assert escalation.act(MONDAY + 7 * HOUR) == 1
    assert escalation.act(MONDAY + 7 * HOUR) == 0
    row.refresh_from_db()
    told = Mail.objects.get(key__startswith="late:")
    assert ("lea@lumio.example" in str(told.to), row.reference in told.text) == (True, True)
    assert (row.priority, row.queue) == (9, box_queue)  # as far as priorities go
    assert TargetAlert.objects.count() == 2
    said = [m.body["event"] for m in row.messages.filter(kind="event").order_by("pk")]
    assert said == ["soon_first", "late_first", "transferred"]


def test_what_is_in_somebodys_hands_is_not_moved(ada, bea, sim, box_queue, rules):
    rules.move_to = box_queue
    rules.save()
    row = mail(ada, sim)
    interactions.take(row.pk, bea)
    escalation.act(MONDAY + 7 * HOUR)
    row.refresh_from_db()
    assert (row.status, row.agent) == (Status.ACTIVE, bea)


def test_an_answer_seconds_before_the_sweep_is_in_time(ada, bea, remote):
    chat = interactions.open("chat", ada, subject=remote, at=MONDAY)
    posting.post(chat, author=Author.CUSTOMER, text="Bonjour", at=MONDAY)
    interactions.assign(chat, bea, at=MONDAY)
    answer(chat, bea, MONDAY + timedelta(seconds=29))
    assert escalation.act(MONDAY + timedelta(minutes=5)) == 0


# -- the arithmetic


@pytest.mark.parametrize(
    ("text", "seconds", "days"),
    [("30 s", 30, 0), ("5min", 300, 0), ("24 h", 86400, 0), ("2 d", 0, 2)],
)
def test_times_are_written_as_people_write_them(text, seconds, days):
    assert allowance(text) == Allowance(seconds, days)


@pytest.mark.parametrize("text", ["", "0 h", "two hours", "5 m", "-1 h", "1.5 h", "99999 h"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValidationError):
        allowance(text)


OFFICE = Calendar("Europe/Paris", (*[((8 * 60, 20 * 60),)] * 6, ()))
moments = st.integers(0, 21 * 24 * 12).map(
    lambda n: paris(2026, 10, 12) + n * 5 * timedelta(minutes=1)
)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 60), st.lists(moments, max_size=6).map(sorted))
def test_pauses_are_given_back_to_the_last_open_second(started, hours, marks):
    utc = UTC
    pauses = [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False) if a >= started]
    due = due_at(OFFICE, Allowance(seconds=hours * 3600), started, pauses)
    assert due is not None
    lost = sum(
        OFFICE.open_seconds(a, min(b.astimezone(utc), due.astimezone(utc)))
        for a, b in pauses
        if a.astimezone(utc) < due.astimezone(utc)
    )
    assert OFFICE.open_seconds(started, due) == hours * 3600 + lost


def test_the_answer_to_a_complaint_comes_within_a_month_at_the_latest(ada, sim):
    assert due_at(OFFICE, Allowance(days=10), MONDAY) == paris(2026, 12, 4, 20)
    rule = Target(name="x", solution="90 d", latest_days=30)
    due = DueTime(kind="solution", started_at=MONDAY)
    due.count(rule, OFFICE)
    assert due.due_at == MONDAY + timedelta(days=30)
    due.pause(MONDAY + HOUR)
    due.count(rule, OFFICE)
    assert due.due_at == MONDAY + timedelta(days=30)
    assert isinstance(due.warn_at, datetime)
