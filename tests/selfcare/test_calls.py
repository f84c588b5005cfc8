"""The agent's side: dialling, hanging up, and what is promised next."""

from datetime import timedelta

import pytest

from crm.models import Interaction, Status, WorkSegment
from crm.services import interactions
from selfcare.models import CallbackAttempt
from selfcare.services import callbacks, calls
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]
Outcome = CallbackAttempt.Outcome


@pytest.fixture
def call(ada, remote, bea, monday, outbox):
    """Ada's callback of 10:00, in Bea's hands."""
    made = callbacks.request(ada, phone=ADA_PHONE, subject=remote)
    interactions.assign(made.interaction, bea)
    return made


def again(call, bea):
    """The promised time has come, and Bea takes it."""
    call.interaction.refresh_from_db()
    interactions.wake_due(call.interaction.wake_at)
    interactions.take(call.pk, bea)


def test_a_reached_customer_leaves_a_call_and_a_wrap_up(call, bea, monday):
    calls.calling(call.pk, bea)
    monday("2026-11-23T10:06")
    calls.hung_up(call.pk, bea, Outcome.REACHED)
    call.refresh_from_db()
    call.interaction.refresh_from_db()
    assert call.number_confirmed
    assert call.interaction.status == Status.ACTIVE  # until the closing code
    assert call.interaction.first_answer_at == paris("2026-11-23T10:00")
    kinds = list(WorkSegment.objects.order_by("since").values_list("kind", "since", "until"))
    assert kinds == [
        ("call", paris("2026-11-23T10:00"), paris("2026-11-23T10:06")),
        ("wrap_up", paris("2026-11-23T10:06"), None),
    ]
    monday("2026-11-23T10:07")
    interactions.close(call.interaction, by=bea, outcome=Interaction.Outcome.SOLVED)
    call.interaction.refresh_from_db()
    assert call.interaction.handled_at == paris("2026-11-23T10:07")


def test_two_clicks_are_one_attempt(call, bea, monday):
    assert calls.calling(call.pk, bea) == calls.calling(call.pk, bea)
    monday("2026-11-23T10:01")
    first = calls.hung_up(call.pk, bea, Outcome.NO_ANSWER)
    assert calls.hung_up(call.pk, bea, Outcome.NO_ANSWER) == first
    call.refresh_from_db()
    assert (call.attempts_made, call.attempts.count()) == (1, 1)


def test_only_who_has_it_calls(call, bea, carl):
    with pytest.raises(calls.NotYours):
        calls.calling(call.pk, carl)
    with pytest.raises(calls.NoCall):
        calls.hung_up(call.pk, bea, Outcome.REACHED)


def test_nobody_dials_at_night(call, bea, monday):
    monday("2026-11-23T20:01")
    with pytest.raises(calls.NotNow):
        calls.calling(call.pk, bea)


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.VOICEMAIL])
def test_who_is_not_reached_is_called_again_15_minutes_later(call, bea, monday, outbox, outcome):
    calls.calling(call.pk, bea)
    at = monday("2026-11-23T10:01")
    calls.hung_up(call.pk, bea, outcome)
    call.refresh_from_db()
    call.interaction.refresh_from_db()
    assert call.interaction.status == Status.PENDING
    assert call.interaction.agent is None
    assert call.promised_at == call.interaction.wake_at == at + timedelta(minutes=15)
    assert list(outbox.values())[-1][1].endswith("callback_missed")


@pytest.mark.parametrize(
    ("second", "third"),
    [
        ("2026-11-23T10:16", "2026-11-23T14:00"),  # the afternoon
        ("2026-11-23T15:00", "2026-11-24T09:00"),  # the next morning
    ],
)
def test_the_third_attempt_is_in_the_next_half_day_and_then_the_customer_is_told(
    call, bea, monday, outbox, second, third
):
    calls.calling(call.pk, bea)
    calls.hung_up(call.pk, bea, Outcome.NO_ANSWER)
    monday(second)
    again(call, bea)
    calls.calling(call.pk, bea)
    calls.hung_up(call.pk, bea, Outcome.NO_ANSWER)
    call.refresh_from_db()
    assert call.promised_at == paris(third)
    monday(third)
    again(call, bea)
    calls.calling(call.pk, bea)
    calls.hung_up(call.pk, bea, Outcome.NO_ANSWER)
    call.interaction.refresh_from_db()
    assert call.interaction.outcome == Interaction.Outcome.EXPIRED
    address, template, context, *_rest = list(outbox.values())[-1]
    assert (address, template) == ("ada@lenoir.example", "selfcare/mail/callback_expired")
    assert "/fr/callback/l/" in context["link"]


def test_an_attempt_of_the_evening_goes_on_the_next_morning(ada, sim, bea, monday, outbox):
    monday("2026-11-23T19:50")
    made = callbacks.request(ada, phone=ADA_PHONE, subject=sim)
    interactions.assign(made.interaction, bea)
    calls.calling(made.pk, bea)
    calls.hung_up(made.pk, bea, Outcome.NO_ANSWER)
    made.refresh_from_db()
    assert made.promised_at == paris("2026-11-24T08:00")


def test_a_wrong_number_ends_it_and_is_told(call, bea, outbox):
    calls.calling(call.pk, bea)
    calls.hung_up(call.pk, bea, Outcome.WRONG_NUMBER)
    call.interaction.refresh_from_db()
    assert call.interaction.outcome == Interaction.Outcome.EXPIRED
    assert list(outbox.values())[-1][2]["wrong"] is True


def test_who_asks_for_later_gets_that_time_however_often(call, bea, monday, outbox):
    for hour in (11, 12, 14, 15):
        calls.calling(call.pk, bea)
        due = paris(f"2026-11-23T{hour}:00")
        calls.hung_up(call.pk, bea, Outcome.LATER, later_at=due)
        call.refresh_from_db()
        assert call.promised_at == due
        monday(f"2026-11-23T{hour}:00")
        again(call, bea)


def test_punctual_is_inside_the_slot_or_within_five_minutes(ada, remote, bea, monday, outbox):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=remote, slot=paris("2026-11-23T11:00"))
    interactions.wake_due(monday("2026-11-23T11:00"))
    interactions.take(made.pk, bea)
    monday("2026-11-23T11:29")
    first = calls.calling(made.pk, bea)
    assert first.punctual
    calls.hung_up(made.pk, bea, Outcome.NO_ANSWER)
    again(made, bea)
    monday("2026-11-23T11:50")  # promised for 11:44
    assert not calls.calling(made.pk, bea).punctual
