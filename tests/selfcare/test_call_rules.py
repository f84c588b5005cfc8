"""A queue's manners on the phone, the reminder, the customer's own clock."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from crm.models import Status
from crm.services import interactions
from selfcare.models import Callback, CallbackAttempt, CallRule
from selfcare.services import call_rules, callbacks, calls, reminders
from selfcare.templatetags.calling import call_sheet
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]
Outcome = CallbackAttempt.Outcome


def sent(outbox, what):
    return [mail for mail in outbox.values() if mail[1] == f"selfcare/mail/callback_{what}"]


def test_a_queues_own_rule_wins_over_everybody_elses_and_that_over_ours(box_queue, mobile_queue):
    assert call_rules.of(box_queue).most_attempts == 3
    CallRule.objects.create(most_attempts=2)
    CallRule.objects.create(queue=box_queue, most_attempts=1)
    assert call_rules.of(box_queue).most_attempts == 1
    assert call_rules.of(mobile_queue).most_attempts == 2
    assert call_rules.of(None).most_attempts == 2


def test_the_confirmation_says_which_number_calls_and_how_long_it_rings(
    ada, sim, monday, outbox, client, fresh_limits
):
    CallRule.objects.create(shown_number="01 99 00 00 10", ring_seconds=40)
    callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-23T15:00"))
    ((_address, _template, context, *_rest),) = sent(outbox, "confirmed")
    assert (context["calling_number"], context["seconds"]) == ("01 99 00 00 10", 40)


def test_attempts_and_their_spacing_follow_the_rule(ada, sim, bea, monday, outbox):
    CallRule.objects.create(queue=sim.queue, most_attempts=2, again_minutes=30)
    made = callbacks.request(ada, phone=ADA_PHONE, subject=sim)
    interactions.assign(made.interaction, bea)
    calls.calling(made.pk, bea)
    calls.hung_up(made.pk, bea, Outcome.BUSY)
    made.refresh_from_db()
    assert made.promised_at == paris("2026-11-23T10:30")
    made.interaction.refresh_from_db()
    interactions.wake_due(made.interaction.wake_at)
    interactions.take(made.pk, bea)
    calls.calling(made.pk, bea, at=made.promised_at)
    calls.hung_up(made.pk, bea, Outcome.VOICEMAIL, at=made.promised_at + timedelta(minutes=1))
    made.interaction.refresh_from_db()
    assert (made.interaction.status, made.interaction.outcome) == (Status.CLOSED, "expired")
    assert len(sent(outbox, "expired")) == 1


def test_an_expiry_that_nobody_can_be_told_of_is_not_silent(sim, bea, monday, outbox):
    stranger = callbacks.caller(phone=ADA_PHONE, mail="", name="", language="fr")
    made = callbacks.request(stranger, phone=ADA_PHONE, subject=sim)
    interactions.assign(made.interaction, bea)
    calls.calling(made.pk, bea)
    calls.hung_up(made.pk, bea, Outcome.WRONG_NUMBER)
    events = [m.body.get("event") for m in made.interaction.messages.all()]
    assert "could_not_tell" in events


def test_a_reminder_goes_once_before_the_slot_and_again_for_another_promise(
    ada, sim, monday, outbox
):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-24T15:00"))
    assert reminders.remind(paris("2026-11-24T12:59")) == 0
    assert reminders.remind(paris("2026-11-24T13:00")) == 1
    assert reminders.remind(paris("2026-11-24T13:01")) == 0
    callbacks.move(made.pk, paris("2026-11-25T09:00"), at=paris("2026-11-24T13:02"))
    assert reminders.remind(paris("2026-11-25T07:00")) == 1
    callbacks.cancel(made.pk)
    assert len(sent(outbox, "reminder")) == 2


def test_whoever_asked_just_before_and_whose_queue_reminds_nobody_gets_none(
    ada, sim, remote, monday, outbox
):
    callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-23T12:00"))
    CallRule.objects.create(queue=remote.queue, reminder_minutes=0)
    callbacks.request(ada, phone="+33199001235", subject=remote, slot=paris("2026-11-24T15:00"))
    assert reminders.remind(paris("2026-11-23T11:00")) == 0
    assert reminders.remind(paris("2026-11-24T14:00")) == 0
    assert not sent(outbox, "reminder")


def test_an_overseas_number_is_called_by_its_own_clock(ada, sim, monday, outbox):
    made = callbacks.request(
        ada, phone="+596 596 30 12 34", subject=sim, slot=paris("2026-11-23T15:00")
    )
    assert made.time_zone == "America/Martinique"
    with pytest.raises(callbacks.SlotTaken):  # 4:00 in the morning there
        callbacks.request(
            ada, phone="+596 596 30 12 35", subject=sim, slot=paris("2026-11-24T09:00")
        )


def test_the_form_shows_the_times_of_the_place_that_the_customer_names(
    client, sim, monday, outbox, fresh_limits
):
    page = client.get("/fr/callback/?subject=sim-esim-puk&zone=Indian/Reunion").content.decode()
    assert "La Réunion" in page
    assert "13\u00a0h\u00a030" in page  # 10:30 in Paris
    data = {
        "subject": "sim-esim-puk",
        "zone": "Indian/Reunion",
        "when": "2026-11-23T15:00:00+01:00",
        "name": "Ada Lenoir",
        "phone": "01 99 00 12 34",
    }
    assert client.post("/fr/callback/", data).status_code == 302
    assert Callback.objects.get().time_zone == "Indian/Reunion"
    nonsense = client.get("/fr/callback/?subject=sim-esim-puk&zone=../../etc/passwd")
    assert nonsense.status_code == 200


def test_who_says_another_place_gets_its_times_and_keeps_what_was_typed(
    client, sim, monday, outbox, fresh_limits
):
    data = {
        "subject": "sim-esim-puk",
        "shown_zone": "Europe/Paris",
        "zone": "Indian/Reunion",
        "when": "2026-11-23T10:30:00+01:00",
        "name": "Ada Lenoir",
        "phone": "01 99 00 12 34",
        "about": "Ma carte SIM",
    }
    page = client.post("/fr/callback/", data)
    assert page.status_code == 200
    assert not Callback.objects.exists()
    for typed in ("Ma carte SIM", "Ada Lenoir", "01 99 00 12 34"):
        assert typed in page.content.decode()
    assert client.post("/fr/callback/", data | {"shown_zone": data["zone"]}).status_code == 302


def test_the_call_sheet_has_hints_and_what_was_before(ada, sim, monday, outbox):
    earlier = interactions.open("chat", ada, subject=sim, title="Carte SIM perdue")
    CallRule.objects.create(hints_fr="Demander la référence\n\nVérifier l’adresse")
    made = callbacks.request(ada, phone=ADA_PHONE, subject=sim)
    sheet = call_sheet(made.interaction)
    assert sheet["hints"] == ["Demander la référence", "Vérifier l’adresse"]
    assert sheet["before"] == [earlier]


def test_which_countries_are_called_is_a_setting_of_the_queue(ada, sim, monday, outbox, client):
    abroad = {"BE": "+32 2 555 12 12", "CH": "+41 44 668 18 00"}
    assert not CallRule().reaches("BE")
    assert CallRule().reaches("RE")  # of our own numbering plan
    rule = CallRule.objects.create(queue=sim.queue, countries="be lu")
    assert callbacks.check_number(abroad["BE"], sim.queue) == "+3225551212"
    with pytest.raises(callbacks.BadNumber, match="étranger"), override("fr"):
        callbacks.check_number(abroad["CH"], sim.queue)
    rule.countries = "*"
    rule.save()
    assert callbacks.request(ada, phone=abroad["CH"], subject=sim).phone == "+41446681800"
    rule.countries = "BE XX"
    with pytest.raises(ValidationError, match="XX"):
        rule.full_clean()
