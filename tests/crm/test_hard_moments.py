"""Abuse, distress, fraud: one key each, a lead is told, and what must not happen does not."""

import pytest

from crm.models import HardMoment, HardSheet, Identity, Status
from crm.services import customers, hard_moments, interactions, verification
from selfcare.services import surveys
from tests import factories
from tests.people import _staff

pytestmark = pytest.mark.django_db
DESK = "/console/desk/"


@pytest.fixture(autouse=True)
def _sheets(db):
    HardSheet.objects.all().delete()
    HardSheet.objects.create(
        kind="abuse", country="FR", sheet_fr="Prévenir", said_fr="Restons courtois."
    )
    HardSheet.objects.create(kind="distress", country="FR", sheet_fr="Donner le 3114")


@pytest.fixture
def lead(bea):
    user = _staff("Léa", "Roy", "lea@lumio.example", "team lead")
    factories.AgentFactory(user=user, team=bea.team, queues=[])
    return user


@pytest.fixture
def chat(ada, box_queue, bea):
    Identity.objects.update(created_at="2026-01-01T00:00Z")
    return factories.InteractionFactory(
        customer=ada, queue=box_queue, agent=bea, status="active", waiting_since=None
    )


def press(client, row, kind):
    return client.post(f"{DESK}{row.pk}/hard/", {"kind": kind})


def test_abuse_warns_once_then_may_be_ended_without_a_survey(beas, chat):
    assert beas.post(f"{DESK}{chat.pk}/hard_end/").status_code == 409  # not warned yet
    for _twice in range(2):
        row = press(beas, chat, "abuse").json()["row"]
        assert row["hard"] == ["abuse"]
    assert chat.messages.filter(kind="text").count() == 1
    assert "courtois" in chat.messages.get(kind="text").text
    assert beas.post(f"{DESK}{chat.pk}/hard_end/").status_code == 200
    chat.refresh_from_db()
    assert (chat.status, chat.outcome) == (Status.CLOSED, "ended")
    surveys.ensure()
    invitation = surveys.invite(chat.pk)
    assert (invitation.verdict, invitation.state) == ("hard", "withheld")


def test_distress_has_a_sheet_of_the_customers_country_and_says_nothing_by_itself(beas, chat, ada):
    french = beas.get(f"{DESK}{chat.pk}/part/hard/").json()["sheets"]["distress"]
    assert any("3114" in step for step in french["steps"])
    HardSheet.objects.create(kind="distress", country="BE", sheet_fr="0800 32 123")
    customers.add_identity(ada, "phone", "+3225550123", source="test")
    chat.refresh_from_db()
    belgian = beas.get(f"{DESK}{chat.pk}/part/hard/").json()["sheets"]["distress"]
    assert belgian["steps"] == ["0800 32 123"]
    press(beas, chat, "distress")
    assert not chat.messages.filter(kind="text").exists()


def test_a_suspected_fraud_takes_the_proof_away_until_a_lead_lifts_it(beas, chat, lead, enter, bea):
    verification.vouch(chat, verification.SITE)
    assert verification.addresses(chat)
    assert press(beas, chat, "fraud").status_code == 200
    chat.refresh_from_db()
    assert chat.verified_at is None
    verification.vouch(chat, verification.PORTAL)
    with pytest.raises(verification.NotVerified):
        verification.must_hold(chat)
    known = Identity.objects.get(customer=chat.customer, kind="mail")
    with pytest.raises(verification.NotEligible):
        verification.send_code(chat, known.pk, by=bea.user)
    moment = HardMoment.objects.get()
    lift = f"/api/v1/hard-moments/{moment.pk}/lift/"
    assert beas.post(lift).status_code == 403
    assert enter(lead).post(lift).status_code == 204
    moment.refresh_from_db()
    assert moment.lifted_by == lead
    assert verification.addresses(chat)


def test_the_lead_is_told_once(beas, chat, lead, monkeypatch):
    told = []
    monkeypatch.setattr(
        hard_moments.registry, "notify", lambda to, template, *_a, **_k: told.append((to, template))
    )
    for _twice in range(2):
        press(beas, chat, "distress")
    assert told == [(lead.email, "crm/mail/hard_moment")]


def test_nobody_declares_it_in_a_colleagues_exchange(chat, carl, enter, mallory, mias):
    body = {"interaction": chat.pk, "kind": "abuse"}
    carls = enter(carl.user)
    assert press(carls, chat, "abuse").status_code == 409
    assert press(enter(mallory), chat, "abuse").status_code == 302
    api = "/api/v1/hard-moments/declare/"
    for client, status in ((carls, 409), (enter(mallory), 403), (mias, 403)):
        answer = client.post(api, body, content_type="application/json")
        assert answer.status_code == status
    assert not HardMoment.objects.exists()


def test_an_exchange_that_nobody_holds_any_more_is_not_ended(chat, bea):
    interactions.close(chat, by=bea, outcome="solved")
    with pytest.raises(interactions.NotFree):
        hard_moments.declare(chat, "abuse", by=bea)
