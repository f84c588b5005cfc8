"""Before a request closes because its customer is silent, they are told."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Interaction, Message, Status
from crm.services import answering, interactions
from tests.factories import CustomerFactory, InteractionFactory
from tests.tickets.conftest import letter
from tickets.models import Mail
from tickets.services import closing_soon, receiving

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def answered(assistance, bea):
    """Bea has answered, and it closes in three days unless Ada does too."""
    row = receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"]).interaction
    interactions.take(row, bea)
    answering.answer(row, agent=bea, text="Est-ce réglé ?", client_id="a1")
    return interactions.snooze(row, by=bea, until=clock.now() + 3 * DAY, closes=True)


def reminders():
    return Mail.objects.outbound().filter(template=closing_soon.TEMPLATE)


def test_the_customer_is_reminded_once_two_days_before(answered):
    now = clock.now()
    assert [closing_soon.remind(now + hours * HOUR) for hours in (1, 23, 25, 26)] == [0, 0, 1, 0]
    mail = reminders().get()
    assert mail.to == ["ada@lenoir.example"]
    assert answered.reference in mail.subject
    assert "r1@example.test" in mail.references
    told = Message.objects.get(interaction=answered, body__event="closing_told")
    assert told.customer_seq is None
    interactions.close_unanswered(now + 3 * DAY + HOUR)
    answered.refresh_from_db()
    assert answered.outcome == Interaction.Outcome.SILENT


def test_an_answer_wakes_it_and_nobody_is_reminded(answered, assistance):
    given = letter("request", id="r2").replace(b"\n\n", b"\nIn-Reply-To: <r1@example.test>\n\n", 1)
    receiving.receive(given, ["assistance@lumio.example"])
    answered.refresh_from_db()
    assert answered.status == Status.ACTIVE
    assert closing_soon.remind(clock.now() + 2 * DAY) == 0


@pytest.mark.parametrize("closes", [True, False])
def test_what_closes_within_a_day_or_only_sleeps_reminds_nobody(answered, bea, closes):
    until = clock.now() + (DAY if closes else 3 * DAY)
    interactions.snooze(answered, by=bea, until=until, closes=closes)
    assert [closing_soon.remind(clock.now() + hours * HOUR) for hours in (12, 25, 60)] == [0, 0, 0]


def test_who_has_no_address_holds_nobody_up_and_the_request_says_so_once(
    answered, assistance, monkeypatch
):
    monkeypatch.setattr(closing_soon, "_AT_ONCE", 1)
    nobody = InteractionFactory(
        channel="mail",
        status=Status.PENDING,
        customer=CustomerFactory(),
        last_agent_at=answered.last_agent_at,
        wake_at=answered.wake_at - HOUR,
        wake_closes=True,
    )
    soon = clock.now() + 25 * HOUR
    assert [closing_soon.remind(soon) for _sweep in range(3)] == [0, 1, 0]
    assert reminders().get().interaction == answered
    said = Message.objects.get(interaction=nobody)
    assert said.body == {"event": "closing_told", "why": "no_address"}
