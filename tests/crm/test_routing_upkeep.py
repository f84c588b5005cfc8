"""What time and people change: offers, silence, lost screens, hours, breaks, shifts."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm import clock
from crm.models import Heartbeat, Interaction, PauseRequest, Queue, Shift, Status
from crm.services import (
    capacity,
    complaints,
    interactions,
    pauses,
    posting,
    presence,
    routing,
    shifts,
)
from crm.services.routing import upkeep
from tests import factories


@pytest.fixture
def chat(box_queue):
    def make(**fields):
        return factories.InteractionFactory(queue=box_queue, **fields)

    return make


@pytest.fixture
def bea_serves(bea, at_work, chat):
    """`bea_serves()`: a chat in Bea's hands; its customer has spoken."""
    at_work(bea)

    def make(**fields):
        row = chat(**fields)
        posting.post(row, author="customer", text="Bonjour ?")
        assert routing.assign_one(row.pk) == bea
        row.refresh_from_db()
        return row

    return make


def paris(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


def closed_by_day():
    nights = factories.ScheduleFactory(name="nights", always_open=False)
    for weekday in range(7):
        nights.openings.create(weekday=weekday, opens=time(20), closes=time(8))
    return nights


def _later(**delta):
    return clock.now() + timedelta(**delta)


def _gone_for(agent, **delta):
    Heartbeat.objects.filter(agent=agent).update(seen_at=clock.wall() - timedelta(**delta))


def test_a_reopened_chat_goes_to_its_agent_even_above_the_limit_and_counts(bea_serves, bea):
    first = bea_serves()
    interactions.close(first, by=bea, outcome="solved")
    others = [bea_serves() for _n in range(3)]
    posting.post(first, author="customer", text="Ça recommence")
    assert routing.assign_one(first.pk) == bea
    facts = capacity.of([bea.pk])[bea.pk]
    assert (facts.places, facts.limit) == (4, 3)
    interactions.close(others[0], by=bea, outcome="solved")
    assert routing.free_places(bea) == 0


# -- offers, silence, lost screens


def test_an_unanswered_offer_goes_to_the_next(bea_serves, bea, carl, at_work):
    row = bea_serves()
    assert upkeep.take_back_unanswered(_later(seconds=61)) == 0, "nobody else is there"
    at_work(carl)
    assert upkeep.take_back_unanswered(_later(seconds=30)) == 0
    assert upkeep.take_back_unanswered(_later(seconds=61)) == 1
    row.refresh_from_db()
    assert row.status == Status.WAITING
    assert (bea, "lapsed") in routing.why_not(row)
    assert routing.assign_one(row.pk) == carl


def test_an_answered_one_stays(bea_serves, bea, carl, at_work):
    row = bea_serves()
    at_work(carl)
    posting.post(row, author="agent", agent=bea, text="Bonjour Madame Lenoir")
    assert upkeep.take_back_unanswered(_later(seconds=300)) == 0


def test_who_lets_two_lapse_is_not_there(bea_serves, bea, carl, at_work):
    bea_serves()
    bea_serves()
    at_work(carl)
    upkeep.take_back_unanswered(_later(seconds=61))
    assert presence.state_of(bea) == "other"
    assert presence.current_state(bea).reason == "unanswered"


def test_a_silent_chat_frees_its_place_and_its_customer_finds_it_again(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="La télécommande clignote-t-elle ?")
    assert upkeep.free_silent(_later(minutes=4)) == 0
    assert upkeep.free_silent(_later(minutes=6)) == 1
    assert routing.free_places(bea) == 3
    row.refresh_from_db()
    assert (row.status, row.agent) == (Status.PENDING, bea)
    posting.post(row, author="customer", text="Oui !")
    assert routing.free_places(bea) == 2
    assert upkeep.resume_returned() == 1
    assert row.segments.filter(until=None).count() == 1
    assert upkeep.resume_returned() == 0


def test_silent_for_good_is_closed(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="Êtes-vous là ?")
    upkeep.free_silent(_later(minutes=6))
    assert upkeep.close_silent(_later(minutes=31)) == 1
    row.refresh_from_db()
    assert row.outcome == "silent"
    # the half hour of silence is nobody's work
    assert row.handled_at - row.last_agent_at == timedelta(seconds=60)


def test_silence_closes_no_complaint_that_nobody_has_answered(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="Je regarde.")
    complaints.turn_into(row, by=bea, at=_later(seconds=1))
    upkeep.free_silent(_later(minutes=6))
    assert upkeep.close_silent(_later(minutes=31)) == 1
    row.refresh_from_db()
    assert (row.status, row.agent) == (Status.WAITING, None)


def test_a_lost_agents_chats_go_back_after_minutes_and_wait_in_front(bea_serves, bea):
    row = bea_serves()
    Interaction.objects.update(held_since=clock.now() - timedelta(minutes=10))
    _gone_for(bea, seconds=40)
    presence.mark_absent()
    assert presence.state_of(bea) == "offline"
    assert upkeep.give_back_of_the_lost() == 0
    _gone_for(bea, minutes=4)
    assert upkeep.give_back_of_the_lost() == 1
    row.refresh_from_db()
    assert (row.status, row.agent, row.priority) == (Status.WAITING, None, 3)


def test_a_break_survives_a_lost_connection(bea, at_work):
    at_work(bea)
    presence.set_state(bea, "break", reason="lunch")
    _gone_for(bea, seconds=40)
    presence.mark_absent()
    presence.beat(bea)
    current = presence.current_state(bea)
    assert (current.state, current.reason) == ("break", "lunch")


def test_a_line_too_slow_overflows_once_and_keeps_its_time(chat, box_queue, mobile_queue, always):
    Queue.objects.filter(pk=mobile_queue.pk).update(
        schedule=always, overflow_queue=box_queue, overflow_minutes=1
    )
    Queue.objects.filter(pk=box_queue.pk).update(overflow_queue=mobile_queue, overflow_minutes=1)
    since = clock.now() - timedelta(minutes=6)
    row, fresh = chat(waiting_since=since), chat()
    assert upkeep.overflow() == 1
    row.refresh_from_db()
    fresh.refresh_from_db()
    assert fresh.queue == box_queue  # has waited for no minute yet
    assert (row.queue, row.overflowed_from, row.waiting_since) == (mobile_queue, box_queue, since)
    assert upkeep.overflow() == 0


def test_who_waits_goes_with_the_hours_to_the_queue_that_serves_their_subject_now(
    bea, at_work, sim, chat, box_queue, mobile_queue, always
):
    evening, morning = paris(20, 20, 1), paris(21, 8, 1)
    sim.off_hours_queue, sim.schedule = box_queue, always
    sim.save()
    row = interactions.open("chat", factories.CustomerFactory(), subject=sim, queue=mobile_queue)
    stays = factories.InteractionFactory(queue=mobile_queue)  # nobody serves its subject at night
    since = row.waiting_since
    assert upkeep.follow_hours(paris(20, 19, 59)) == 0
    assert upkeep.follow_hours(evening) == 1
    row.refresh_from_db()
    stays.refresh_from_db()
    assert (row.queue, row.waiting_since, stays.queue) == (box_queue, since, mobile_queue)
    assert upkeep.follow_hours(evening) == 0
    assert upkeep.follow_hours(morning) == 0, "the box queue is open: it is served there"
    Queue.objects.filter(pk=box_queue.pk).update(schedule=closed_by_day())
    assert upkeep.follow_hours(morning) == 1
    row.refresh_from_db()
    assert row.queue == mobile_queue


# -- breaks and shifts


def test_breaks_by_quota_have_a_line_and_close_nothing(
    bea_serves, bea, carl, at_work, django_capture_on_commit_callbacks
):
    row = bea_serves()
    at_work(carl)
    type(bea.team).objects.update(pause_quota=1)
    assert pauses.ask(carl) == 0
    assert pauses.ask(bea, reason="coffee") == 1
    assert presence.state_of(bea) == "working"
    assert pauses.give() == 0
    presence.set_state(carl, "available")
    assert pauses.give() == 1
    assert presence.state_of(bea) == "break"
    row.refresh_from_db()
    assert row.status == Status.ACTIVE
    assert not PauseRequest.objects.exists()
    assert pauses.ask(carl) == 1
    with django_capture_on_commit_callbacks(execute=True):
        presence.set_state(bea, "available")
    assert presence.state_of(carl) == "break", "at once, without the sweep"


def test_the_end_of_a_shift_sets_finishing_once(bea, at_work):
    at_work(bea)
    now = clock.now()
    Shift.objects.create(agent=bea, starts_at=now - timedelta(hours=8), ends_at=now)
    assert shifts.end_due() == 1
    assert presence.state_of(bea) == "finishing"
    presence.set_state(bea, "available")
    assert shifts.end_due() == 0
    assert presence.state_of(bea) == "available"
