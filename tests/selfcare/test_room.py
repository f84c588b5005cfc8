"""A line takes no more than its length allows, and no more than can be served before closing."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.services import buttons
from crm import clock
from crm.models import AgentState, Queue, Standing
from crm.services import availability, interactions, presence, routing
from selfcare.services import callbacks, offers, slots
from tests import factories

pytestmark = pytest.mark.django_db
ZONE = "Europe/Paris"
PHONE = "01 99 00 12 34"
EVENING = datetime(2026, 11, 23, 19, 30, tzinfo=ZoneInfo(ZONE))


@pytest.fixture
def full(bea, at_work, box_queue):
    """Bea has her three chats, and one waits: as many as the queue allows."""
    at_work(bea)
    for _n in range(3):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)
    factories.InteractionFactory(queue=box_queue)
    box_queue.max_waiting = 1
    box_queue.save()
    return box_queue


def test_beyond_its_length_no_chat_is_offered_but_the_other_ways(full, remote):
    found = buttons.button(remote, language="en")
    assert (found.state, found.can_chat) == ("full", False)
    assert "Too many people are waiting" in found.detail
    assert {way.name for way in found.ways} == {"callback", "mail"}
    chat = offers.for_subject(remote, at=clock.now(), zone=ZONE, language="fr")[0]
    assert (chat.channel, chat.state) == ("chat", "later")
    Queue.objects.update(max_waiting=2)
    remote.queue.refresh_from_db()
    assert buttons.button(remote, language="en").state != "full"


def test_a_call_at_once_joins_the_same_line_a_slot_does_not(full, remote, ada):
    noon = clock.now().replace(hour=11)  # decent anywhere in Paris
    with pytest.raises(callbacks.NotOpen):
        callbacks.request(ada, phone=PHONE, subject=remote, at=noon)
    ((_day, (slot, *_more)), *_days) = slots.free_days(remote, at=noon, zone=ZONE)
    assert callbacks.request(ada, phone=PHONE, subject=remote, slot=slot.start, at=noon).pk


def test_past_a_full_line_a_free_agent_is_promised_to_whom_they_understand(
    bea, at_work, box_queue, remote, ada
):
    bea.languages = ["fr"]
    bea.save()
    at_work(bea)
    box_queue.max_waiting = 0
    box_queue.save()
    noon = clock.now().replace(hour=11)
    with pytest.raises(callbacks.NotOpen):
        callbacks.request(ada, phone=PHONE, subject=remote, language="en", at=noon)
    assert callbacks.request(ada, phone=PHONE, subject=remote, language="fr", at=noon).pk


def test_mails_are_never_refused(full, remote, ada):
    assert interactions.open("mail", ada, subject=remote).queue == full


def test_the_queue_that_helps_out_takes_whom_the_full_one_cannot(
    full, remote, carl, at_work, always
):
    helping = factories.QueueFactory(slug="helping", schedule=always)
    carl.skills.update(queue=helping)
    at_work(carl)
    full.overflow_queue = helping
    full.save()
    remote.queue.refresh_from_db()
    found = buttons.button(remote, language="fr")
    assert (found.state, found.queue) == ("chat", helping)


@pytest.fixture
def evening(monkeypatch, bea, sim, mobile_queue):
    """Half past seven, closing at eight; Bea is there with three chats of nine minutes each."""
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    bea.skills.update(queue=mobile_queue)
    presence.beat(bea)
    presence.set_state(bea, AgentState.State.AVAILABLE)
    ended = EVENING - timedelta(minutes=30)
    times = {"assigned_at": ended - timedelta(minutes=9), "queue": mobile_queue, "agent": bea}
    for _n in range(3):
        factories.InteractionFactory(status="active", **times)
        factories.InteractionFactory(
            status="closed", closed_by=bea, closed_at=ended, handled_at=ended, **times
        )
    Standing.objects.update(room=0)
    return mobile_queue


def _waits(queue, count):
    factories.InteractionFactory.create_batch(count, queue=queue, opened_at=EVENING)


def test_before_closing_no_more_are_taken_than_the_pace_can_serve(evening, sim):
    assert routing.room_before_closing(evening, sim.hours(), EVENING) == 10
    _waits(evening, 9)
    assert buttons.button(sim, language="fr").state == "wait"
    _waits(evening, 1)
    found = buttons.button(sim, language="en")
    assert (found.state, found.can_chat) == ("closing", False)
    assert "We close soon" in found.detail
    door = availability.door(evening, hours=sim.hours(), at=EVENING, language="fr")
    assert door.now == availability.Now.CLOSING


def test_whoever_is_free_serves_until_the_last_minute(evening, sim, bea):
    _waits(evening, 20)
    bea.interactions.filter(status="active").update(status="closed", closed_at=EVENING)
    presence.set_state(bea, AgentState.State.AVAILABLE)
    assert buttons.button(sim, language="fr").state == "chat"


def test_no_call_is_promised_tonight_that_nobody_could_make(evening, sim):
    early = EVENING - timedelta(hours=1)
    tonight = [s for s in slots.slots(sim, EVENING.date(), at=EVENING, zone=ZONE) if s.places]
    assert not tonight, "the last slot begins too soon"
    at = EVENING - timedelta(minutes=16)
    assert [s.places for s in slots.slots(sim, EVENING.date(), at=at, zone=ZONE)] == [3]
    _waits(evening, 30)
    assert [s.places for s in slots.slots(sim, EVENING.date(), at=at, zone=ZONE)] == [0]
    tomorrow = slots.slots(sim, EVENING.date() + timedelta(days=1), at=early, zone=ZONE)
    assert all(slot.places == 3 for slot in tomorrow)
