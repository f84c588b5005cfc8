"""The call sheet's two buttons, the lists and the API, behind their doors."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from crm import registry
from crm.models import Status
from crm.services import interactions
from selfcare.models import Answer, Callback, CallbackAttempt
from selfcare.services import answers, callbacks, surveys
from tests import factories
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]


@pytest.fixture
def call(ada, remote, bea, monday, outbox):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=remote, asked_text="Écran noir")
    interactions.assign(made.interaction, bea)
    return made


def address(name, call):
    return reverse(f"admin:callback_{name}", args=[call.pk])


JSON = {"HTTP_ACCEPT": "application/json"}


def test_calling_and_hanging_up_from_the_desk(enter, call, bea):
    client = enter(bea.user)
    assert client.post(address("calling", call), **JSON).status_code == 200
    answer = client.post(address("hung_up", call), {"outcome": "reached"}, **JSON)
    assert answer.json()["outcome"] == "reached"
    assert client.post(address("hung_up", call), {"outcome": "mood"}, **JSON).status_code == 422


def test_looking_at_the_buttons_addresses_calls_nobody(enter, call, bea):
    client = enter(bea.user)
    assert client.get(address("calling", call)).status_code == 405
    assert not CallbackAttempt.objects.exists()


def test_only_the_agent_who_has_it_calls(enter, call, carl, mia, ada_user, mallory):
    assert enter(carl.user).post(address("calling", call), **JSON).status_code == 409
    assert enter(mia).post(address("calling", call), **JSON).status_code == 403
    for stranger in (ada_user, mallory):
        assert enter(stranger).post(address("calling", call)).status_code in (302, 403)
    assert not CallbackAttempt.objects.exists()


def test_the_call_sheet_shows_number_promise_and_attempts(call, bea):
    fragment = registry.channel("callback").fragment
    sheet = render_to_string(fragment, {"interaction": call.interaction})
    assert f"tel:{ADA_PHONE}" in sheet
    assert "Écran noir" in sheet
    call.interaction.refresh_from_db()
    assert call.interaction.status == Status.ACTIVE
    sheet = render_to_string(fragment, {"interaction": call.interaction})
    assert address("calling", call) in sheet


@pytest.mark.parametrize("model", ["callback", "survey", "surveyinvitation", "answer"])
def test_the_lists_open_for_the_manager(enter, call, chat, mia, model):
    invitation = surveys.invite(chat().pk)
    answers.answer(invitation.pk, score=5, via=Answer.Via.CARD)
    client = enter(mia)
    page = client.get(reverse(f"admin:selfcare_{model}_changelist"))
    assert page.status_code == 200
    first = page.context["cl"].result_list[0]
    detail = reverse(f"admin:selfcare_{model}_change", args=[first.pk])
    assert client.get(detail).status_code == 200


def test_the_api_promises_a_call_for_staff(enter, ada, sim, remote, bea, monday, outbox):
    client = enter(bea.user)
    factories.InteractionFactory(customer=ada, queue=bea.queues.first())  # so that Bea knows her
    data = {"customer": ada.pk, "subject": remote.slug, "phone": "01 99 00 12 34"}
    slot = paris("2026-11-23T17:30").isoformat()
    made = client.post(
        "/api/v1/callbacks/", {**data, "slot": slot}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    assert made.json()["phone"] == ADA_PHONE
    second = client.post("/api/v1/callbacks/", data, content_type="application/json")
    assert second.status_code == 409
    premium = {**data, "phone": "0899701234"}
    assert (
        client.post("/api/v1/callbacks/", premium, content_type="application/json").status_code
        == 400
    )
    assert len(client.get("/api/v1/callbacks/").json()["results"]) == 1


def test_the_api_shows_verdicts_and_answers_to_the_manager_only(
    enter, chat, mia, ada_user, mallory
):
    answers.answer(surveys.invite(chat().pk).pk, score=4, via=Answer.Via.CARD)
    client = enter(mia)
    assert client.get("/api/v1/survey-invitations/").json()["results"][0]["verdict"] == "sent"
    assert client.get("/api/v1/survey-answers/").json()["results"][0]["score"] == 4
    assert client.post("/api/v1/survey-answers/", {}).status_code in (403, 405)
    for stranger in (ada_user, mallory):
        client = enter(stranger)
        for route in ("callbacks", "survey-invitations", "survey-answers"):
            assert client.get(f"/api/v1/{route}/").status_code == 403
    assert not Callback.objects.exists()
