"""Calls that came in: who it is by the number, and the call written down."""

import pytest
from django.urls import reverse

from crm.models import Interaction, Status
from crm.services import customers, interactions
from selfcare.models import Callback, CallbackAttempt
from selfcare.services import callbacks, inbound
from tests.doors import signed_in
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]
Outcome = CallbackAttempt.Outcome


def test_a_call_that_came_in_is_written_down_and_its_caller_recognised(ada, bea, sim, monday):
    customers.add_identity(ada, "phone", ADA_PHONE, source="test")
    logged = inbound.log(
        bea, phone="01 99 00 12 34", text="Question", subject=sim, seconds=300, key="pbx-1"
    )
    again = inbound.log(bea, phone="01 99 00 12 34", text="Question", seconds=300, key="pbx-1")
    assert again == logged
    interaction = logged.interaction
    interaction.refresh_from_db()
    assert interaction.customer == ada
    assert (interaction.status, interaction.outcome, interaction.closed_by) == (
        Status.CLOSED,
        "solved",
        bea,
    )
    assert interaction.opened_at == paris("2026-11-23T09:55")
    assert logged.attempts.get().outcome == Outcome.REACHED


def test_whoever_calls_first_is_no_longer_waited_for(ada, bea, sim, monday, outbox):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-23T15:00"))
    customers.add_identity(ada, "phone", ADA_PHONE, source="test")
    logged = inbound.log(bea, phone=ADA_PHONE, text="Déjà réglé")
    made.interaction.refresh_from_db()
    assert (made.interaction.status, made.interaction.outcome) == (Status.CLOSED, "handed_on")
    assert Interaction.objects.get(pk=logged.pk).continues == made.interaction


def test_a_hidden_number_is_somebody_new(bea, monday):
    first = inbound.log(bea, phone="", text="Anonyme")
    second = inbound.log(bea, phone="", text="Anonyme")
    assert first.interaction.customer != second.interaction.customer
    for nobody in ("", "soleil"):
        assert inbound.caller(nobody, bea.user) == inbound.Caller()


def test_the_console_and_the_api_write_calls_down_for_agents_only(bea, mia, mallory, monday):
    desk = signed_in(bea.user, second_factor=True)
    page = reverse("admin:call_log")
    data = {"phone": "01 99 00 12 34", "minutes": 3, "text": "Facture", "outcome": "informed"}
    assert desk.post(page, data | {"phone": "soleil"}).status_code == 422
    assert desk.post(page, data).status_code == 302
    assert signed_in(mia, second_factor=True).post(page, data).status_code == 403
    json = {"phone": "", "text": "Anonyme", "seconds": 60}

    def api(user):
        client = signed_in(user, second_factor=True)
        return client.post("/api/v1/calls/", json, content_type="application/json").status_code

    assert (api(bea.user), api(mia), api(mallory)) == (201, 400, 403)
    assert Callback.objects.filter(direction="inbound").count() == 2


def test_what_is_promised_on_the_phone_says_what_and_comes_back(bea, monday):
    desk = signed_in(bea.user, second_factor=True)
    page = reverse("admin:call_log")
    data = {"phone": "01 99 00 12 34", "minutes": 3, "text": "Panne", "outcome": "promised"}
    json = {"phone": "01 99 00 12 34", "text": "Panne", "outcome": "promised"}
    assert desk.post(page, data).status_code == 422
    assert desk.post("/api/v1/calls/", json, content_type="application/json").status_code == 400
    assert not Callback.objects.exists()
    said = {"step": "Rappeler", "step_by": "2026-11-24T10:00"}
    assert desk.post(page, data | said).status_code == 302
    said = {"next_step": "Rappeler", "next_by": "2026-11-24T10:00:00+01:00"}
    answer = desk.post("/api/v1/calls/", json | said, content_type="application/json")
    assert answer.status_code == 201
    assert interactions.bring_back(paris("2026-11-24T10:00")) == 2


def test_who_calls_is_shown_before_anything_is_written(ada, bea, carl, sim, monday, outbox):
    customers.add_identity(ada, "phone", ADA_PHONE, source="test")
    waited_for = callbacks.request(ada, phone=ADA_PHONE, subject=sim)
    desk = signed_in(bea.user, second_factor=True)
    shown = desk.get(reverse("admin:call_log"), {"phone": "01 99 00 12 34"}).content.decode()
    typed = {"phone": ADA_PHONE, "text": "Sa facture", "look": "1"}
    looked = desk.post(reverse("admin:call_log"), typed).content.decode()
    assert "Sa facture" in looked
    for page in (shown, looked):
        assert ada.full_name in page
        assert waited_for.interaction.reference in page
    found = desk.get("/api/v1/calls/caller/", {"phone": ADA_PHONE}).json()
    assert (found["customer"], found["expected"]) == (ada.pk, waited_for.pk)
    unknown = desk.get("/api/v1/calls/caller/", {"phone": "01 99 00 99 99"}).json()
    assert unknown == {"customer": None, "name": "", "expected": None, "before": []}
    others = {"phone": ADA_PHONE, "agent": carl.pk}
    answer = desk.post("/api/v1/calls/", others, content_type="application/json")
    assert answer.status_code == 400
    assert not Callback.objects.filter(direction="inbound").exists()
