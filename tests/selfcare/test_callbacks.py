"""Asking for a call: what may be promised, and to whom."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from crm.models import Closure, Heartbeat, Interaction, Plan, Status
from crm.services import customers, interactions
from selfcare.models import Callback
from selfcare.services import callbacks, calls, promises, slots
from tests.selfcare.conftest import ADA_PHONE, PARIS, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]


def ask(ada, sim, **more):
    return callbacks.request(ada, phone=ADA_PHONE, subject=sim, **more)


def test_a_slot_is_promised_and_wakes_at_its_start(ada, sim, monday, outbox):
    start = paris("2026-11-23T17:30")
    made = ask(ada, sim, slot=start, asked_text="Ma carte SIM est bloquée")
    assert made.interaction.status == Status.PENDING
    assert made.interaction.wake_at == start
    assert made.interaction.queue == sim.queue
    assert made.interaction.offered_at is None
    said = promises.in_words(made)
    assert said.startswith("lundi 23 novembre ")
    assert "17\u00a0h\u00a030" in said
    said = promises.in_words(made, "en")
    assert " ".join(said.split()) == "Monday 23 November between 5:30 PM and 6:00 PM"
    (address, template, context, language, _interaction) = next(iter(outbox.values()))
    assert (address, language) == ("ada@lenoir.example", "fr")
    assert template == "selfcare/mail/callback_confirmed"
    assert context["name"] == "Madame Lenoir"

    assert interactions.wake_due(start) == 1
    made.interaction.refresh_from_db()
    assert made.interaction.status == Status.WAITING
    assert made.interaction.offered_at == start


def test_as_soon_as_possible_waits_at_once(ada, sim, monday, outbox):
    made = ask(ada, sim)
    assert made.interaction.status == Status.WAITING
    assert made.slot_start is None
    assert promises.in_words(made, "en") == "as soon as possible"


def test_nobody_is_promised_a_call_now_while_nobody_is_at_work(ada, sim, monday, outbox):
    Heartbeat.objects.all().delete()
    with pytest.raises(callbacks.NotOpen):
        ask(ada, sim)
    assert (
        promises.at_once(sim, at=monday("2026-11-23T10:00"), zone="Europe/Paris", language="fr")
        == ""
    )
    assert ask(ada, sim, slot=paris("2026-11-23T17:30")).pk


def test_nobody_is_promised_a_call_now_when_it_is_closed(ada, sim, monday, outbox):
    monday("2026-11-22T17:00")  # Sunday
    with pytest.raises(callbacks.NotOpen):
        ask(ada, sim)
    assert not Callback.objects.exists()


def test_nobody_is_called_at_night_even_by_a_desk_that_never_closes(ada, remote, monday, outbox):
    monday("2026-11-23T23:00")
    with pytest.raises(callbacks.NotOpen):
        ask(ada, remote)
    days = slots.free_days(remote, at=paris("2026-11-23T23:00"), zone="Europe/Paris")
    for _day, free in days:
        assert free[0].start.astimezone(PARIS).hour == 8
        assert free[-1].end.astimezone(PARIS).hour == 20


def test_slots_follow_the_calendar_and_its_closures(sim, monday):
    at = monday("2026-11-28T19:00")  # Saturday evening
    Closure.objects.create(schedule=sim.queue.schedule, day=paris("2026-11-30T00:00").date())
    starts = [day for day, _free in slots.free_days(sim, at=at, zone="Europe/Paris")]
    assert [day.isoformat() for day in starts[:2]] == ["2026-11-28", "2026-12-01"]


@pytest.mark.parametrize(("at", "offset"), [("2026-10-24T18:00", 1), ("2026-03-28T18:00", 2)])
def test_slots_keep_the_hour_over_a_time_change(remote, ada, monday, outbox, at, offset):
    """The Sunday on which the clocks change: 9:00 there is 9:00, whatever Saturday's offset."""
    at = monday(at)
    sunday = (at + timedelta(days=1)).date()
    free = slots.slots(remote, sunday, at=at, zone="Europe/Paris")
    assert len(free) == 24
    first = free[0].start.astimezone(PARIS)
    assert (first.hour, first.utcoffset()) == (8, timedelta(hours=offset))
    made = ask(ada, remote, slot=free[2].start)
    made.refresh_from_db()
    assert made.slot_start.astimezone(PARIS).hour == 9


def test_a_customer_elsewhere_is_called_in_their_own_day(sim, monday):
    free = slots.slots(
        sim,
        paris("2026-11-24T00:00").date(),
        at=monday("2026-11-23T10:00"),
        zone="America/Martinique",
    )
    local = [slot.start.astimezone(PARIS).hour for slot in free]
    assert min(local) == 13  # 8:00 in Martinique


def test_planned_seats_are_the_places(ada, sim, monday, outbox):
    start = paris("2026-11-23T17:30")
    Plan.objects.create(queue=sim.queue, starts_at=start, seats=1)
    ask(ada, sim, slot=start)
    carl_next_door = customers.identify("phone", "+33199005678")
    with pytest.raises(callbacks.SlotTaken) as refused:
        callbacks.request(carl_next_door, phone="+33199005678", subject=sim, slot=start)
    near = [slot.start for slot in refused.value.alternatives]
    assert near == [paris("2026-11-23T16:30"), paris("2026-11-23T17:00"), paris("2026-11-23T18:00")]


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-11-23T17:30", "2026-11-23T17:30"),  # begins too soon
        ("2026-11-23T10:00", "2026-11-22T10:00"),  # past
        ("2026-11-23T10:00", "2026-11-29T10:00"),  # a Sunday
        ("2026-11-23T10:00", "2026-11-24T10:10"),  # no slot begins then
    ],
)
def test_a_time_that_is_no_slot_is_refused(ada, sim, monday, outbox, at, slot):
    monday(at)
    with pytest.raises(callbacks.SlotTaken):
        ask(ada, sim, slot=paris(slot))


def test_one_open_callback_per_number(ada, sim, monday, outbox):
    first = ask(ada, sim, slot=paris("2026-11-23T17:30"))
    stranger = customers.identify("mail", "somebody@else.example")
    with pytest.raises(callbacks.AlreadyAsked):
        callbacks.request(stranger, phone="01 99 00 12 34", subject=sim)
    callbacks.cancel(first.pk)
    assert callbacks.request(stranger, phone="01 99 00 12 34", subject=sim).pk


@pytest.mark.parametrize(
    "number", ["", "12", "01 99", "0899 70 12 34", "0800 10 20 30", "+44 20 7946 0018", "36 10"]
)
def test_premium_foreign_and_impossible_numbers_are_refused(number):
    with pytest.raises(callbacks.BadNumber) as refused:
        callbacks.check_number(number, None)
    assert str(refused.value)


def test_numbers_of_the_overseas_departments_are_ours():
    assert callbacks.check_number("+596596101234", None).startswith("+596")


def test_a_call_is_moved(ada, sim, monday, outbox):
    made = ask(ada, sim, slot=paris("2026-11-23T17:30"))
    callbacks.move(made.pk, paris("2026-11-24T09:00"))
    made.refresh_from_db()
    made.interaction.refresh_from_db()
    assert made.interaction.wake_at == made.slot_start == paris("2026-11-24T09:00")
    assert made.interaction.status == Status.PENDING
    assert len(outbox) == 2  # each promise is confirmed
    places = slots.places(sim.queue, [paris("2026-11-23T17:30")])
    assert set(places.values()) == {slots.DEFAULT_PLACES}  # the old place is free again


def test_moving_to_now_waits_for_the_next_free_agent(ada, sim, monday, outbox):
    made = ask(ada, sim, slot=paris("2026-11-23T17:30"))
    at = monday("2026-11-23T11:00")
    callbacks.move(made.pk, None)
    interactions.wake_due(at)
    made.interaction.refresh_from_db()
    assert made.interaction.status == Status.WAITING


def test_a_waiting_call_can_still_be_moved_to_a_slot(ada, sim, monday, outbox):
    made = ask(ada, sim)
    callbacks.move(made.pk, paris("2026-11-24T09:00"))
    made.interaction.refresh_from_db()
    assert made.interaction.status == Status.PENDING


def test_a_cancelled_call_is_closed_confirmed_and_stays_so(ada, sim, monday, outbox):
    made = ask(ada, sim, slot=paris("2026-11-23T17:30"))
    callbacks.cancel(made.pk)
    callbacks.cancel(made.pk)
    made.interaction.refresh_from_db()
    assert made.interaction.outcome == Interaction.Outcome.CANCELLED
    assert [entry[1].rpartition("_")[2] for entry in outbox.values()] == ["confirmed", "cancelled"]
    with pytest.raises(callbacks.TooLate):
        callbacks.move(made.pk, paris("2026-11-24T09:00"))


def test_a_call_in_an_agents_hands_is_not_changed_any_more(ada, remote, bea, monday, outbox):
    made = ask(ada, remote)
    interactions.assign(made.interaction, bea)
    with pytest.raises(callbacks.TooLate):
        callbacks.cancel(made.pk)
    with pytest.raises(callbacks.TooLate):
        callbacks.move(made.pk, paris("2026-11-24T09:00"))


def test_a_call_nobody_took_by_closing_time_is_promised_again_and_told(ada, sim, monday, outbox):
    made = ask(ada, sim)
    at = monday("2026-11-23T20:05")
    assert calls.put_off(at) == 1
    assert calls.put_off(at) == 0
    made.refresh_from_db()
    made.interaction.refresh_from_db()
    assert made.promised_at == made.interaction.wake_at == paris("2026-11-24T08:00")
    assert list(outbox.values())[-1][1].endswith("put_off")


def test_many_are_spread_over_the_mornings_first_two_hours_in_the_order_they_were_due(
    ada, sim, monday
):
    made = [callbacks.request(ada, phone=f"01 99 00 12 3{n}", subject=sim) for n in range(4)]
    Callback.objects.filter(pk=made[3].pk).update(promised_at=monday("2026-11-23T07:00"))
    assert calls.put_off(monday("2026-11-23T20:05")) == 4
    in_order = [made[3], *made[:3]]
    due = [Callback.objects.get(pk=one.pk).promised_at for one in in_order]
    assert due == [paris(f"2026-11-24T{hour}") for hour in ("08:00", "08:30", "09:00", "09:30")]


def test_a_form_teaches_an_existing_record_nothing(ada, monday):
    found = callbacks.caller(
        phone="+33199005678", mail="ada@lenoir.example", name="Mallory", language="fr"
    )
    assert found == ada
    assert [identity.kind for identity in ada.identities.all()] == ["mail"]


def test_the_mail_to_an_unknown_address_names_nobody(ada, sim, monday, outbox):
    callbacks.request(ada, phone=ADA_PHONE, subject=sim, mail="mallory@evil.example")
    address, _template, context, _language, _interaction = next(iter(outbox.values()))
    assert (address, context["name"]) == ("mallory@evil.example", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [50])
def test_fifty_people_ask_for_the_last_place_of_a_slot(remote, outbox, people):
    from crm import clock

    at = clock.now()
    days = slots.free_days(remote, at=at, zone="Europe/Paris")
    start = days[-1][1][0].start
    Plan.objects.create(queue=remote.queue, starts_at=start, seats=1)
    everybody = [customers.identify("phone", f"+3319900{number:04d}") for number in range(people)]
    answers: list[object] = []
    go = threading.Barrier(10)

    def book(mine):
        go.wait()
        for number, customer in mine:
            try:
                answers.append(
                    callbacks.request(
                        customer, phone=f"+3319900{number:04d}", subject=remote, slot=start
                    )
                )
            except callbacks.SlotTaken as refusal:
                answers.append(refusal)
        connection.close()

    numbered = list(enumerate(everybody))
    threads = [threading.Thread(target=book, args=(numbered[part::10],)) for part in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == people
    assert sum(isinstance(answer, Callback) for answer in answers) == 1
    refused = [answer for answer in answers if isinstance(answer, callbacks.SlotTaken)]
    assert all(answer.alternatives for answer in refused)
    assert all(start not in [s.start for s in answer.alternatives] for answer in refused)


@pytest.mark.django_db(transaction=True)
def test_the_same_number_asked_for_twenty_times_at_once_is_one_callback(remote, ada, outbox):
    from crm import clock

    days = slots.free_days(remote, at=clock.now(), zone="Europe/Paris")
    starts = [slot.start for slot in days[-1][1]][:20]
    made: list[object] = []

    def book(start):
        with suppress(callbacks.AlreadyAsked):
            made.append(callbacks.request(ada, phone=ADA_PHONE, subject=remote, slot=start))
        connection.close()

    threads = [threading.Thread(target=book, args=(start,)) for start in starts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
