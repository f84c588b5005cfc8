"""Blocking: a lead's, with reason and end, honoured by every door; a fraud locks the record."""

from datetime import timedelta

import pytest

from crm import clock, registry
from crm.models import AuditEntry, Block, Interaction, Status
from crm.models.hard_moment import Hard
from crm.services import blocks, hard_moments, interactions, posting, roles, verification
from selfcare.services import callbacks
from tests import factories
from tests.crm.test_desk import chat, desk, signed_in
from tests.people import _staff

__all__ = ["chat", "desk", "signed_in"]  # fixtures

DESK = "/console/desk/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(bea):
    user = _staff("Léna", "Roy", "lena@lumio.example", roles.LEAD)
    factories.AgentFactory(user=user, display_name="Léna", team=bea.team)
    return user


@pytest.fixture
def blocked(ada, lena):
    until = clock.now() + timedelta(days=30)
    return blocks.block(ada, reason="Menaces répétées", until=until, by=lena)


def test_a_lead_blocks_at_the_desk_and_the_trail_says_so(signed_in, lena, bea, chat, ada):
    row = chat(bea)
    url = f"{DESK}{row.pk}/supervise/block/"
    until = (clock.now() + timedelta(days=30)).isoformat()
    lenas = signed_in(lena)
    for wrong in ({"reason": "non", "until": until}, {"reason": "Menaces"},
                  {"reason": "Menaces", "until": "2020-01-01T00:00:00Z"}):  # fmt: skip
        assert lenas.post(url, wrong).status_code == 400
    assert signed_in(bea.user).post(url, {"reason": "Menaces", "until": until}).status_code == 403
    assert Block.objects.count() == 0
    assert lenas.post(url, {"reason": "Menaces répétées", "until": until}).status_code == 200
    assert blocks.of(ada).by == lena
    assert AuditEntry.objects.filter(model="crm.block", customer_id=ada.pk).exists()
    assert lenas.get(f"{DESK}{row.pk}/").json()["customer"]["blocked"]["reason"]
    assert lenas.post(f"{DESK}{row.pk}/supervise/unblock/").status_code == 200
    assert blocks.of(ada) is None


def test_the_same_by_the_api_and_by_nobody_else(signed_in, lena, bea, mallory, chat, ada):
    chat(bea)
    until = (clock.now() + timedelta(days=3)).isoformat()
    said = {"customer": ada.pk, "reason": "Menaces", "until": until}
    for user in (bea.user, mallory):
        answer = signed_in(user).post("/api/v1/blocks/", said, "application/json")
        assert answer.status_code == 403
    made = signed_in(lena).post("/api/v1/blocks/", said, "application/json")
    assert made.status_code == 201
    lift = f"/api/v1/blocks/{made.json()['id']}/lift/"
    assert signed_in(bea.user).post(lift).status_code == 403
    assert signed_in(lena).post(lift).status_code == 204
    assert blocks.of(ada) is None


@pytest.mark.parametrize("origin", ["button", "invitation", "form"])
def test_a_blocked_customer_opens_nothing_and_a_colleague_may(blocked, ada, remote, origin):
    with pytest.raises(blocks.Blocked):
        interactions.open("chat", ada, subject=remote, origin=origin)
    assert Interaction.objects.count() == 0
    interactions.open("callback", ada, subject=remote, origin="staff")


def test_every_door_of_the_customer_refuses_in_words(blocked, ada, remote):
    with pytest.raises(callbacks.Refused, match=r"\w"):
        callbacks.request(ada, phone="+33199001234", subject=remote)
    with pytest.raises(blocks.Blocked, match=r"\w"):
        registry.opener("mail")(customer=ada, title="Encore", text="moi", language="fr")
    assert Interaction.objects.count() == 0


def test_what_a_blocked_customer_writes_opens_nothing_closed_again(ada, bea, chat, lena):
    row = interactions.close(chat(bea), by=bea, outcome="solved")
    until = clock.now() + timedelta(days=1)
    one = blocks.block(ada, reason="Menaces répétées", until=until, by=lena)
    posting.post(row, author="customer", text="Encore moi")
    row.refresh_from_db()
    assert row.status == Status.CLOSED
    blocks.lift(one, by=lena)
    posting.post(row, author="customer", text="Pardon")
    row.refresh_from_db()
    assert row.status == Status.WAITING


def test_a_lead_blocks_in_the_console_only_whom_they_may_see(signed_in, lena, chat, bea, ada):
    chat(bea)
    stranger = factories.CustomerFactory()
    page = "/console/crm/block/add/"
    end = clock.now() + timedelta(days=3)
    said = {"reason": "Menaces", "until_0": f"{end:%Y-%m-%d}", "until_1": "12:00:00"}
    assert signed_in(lena).post(page, said | {"customer": stranger.pk}).status_code == 200
    assert Block.objects.count() == 0
    assert signed_in(lena).post(page, said | {"customer": ada.pk}).status_code == 302
    assert Block.objects.get().by == lena


def test_a_block_ends_by_itself(blocked, ada):
    assert blocks.running(blocked.until).count() == 0


def test_a_fraud_locks_the_record_until_a_lead_lifts_it(bea, lena, chat, ada):
    first, second = chat(bea), chat(bea)
    verification.vouch(second, "portal")
    moment = hard_moments.declare(first, Hard.FRAUD, by=bea)
    second.refresh_from_db()
    assert second.verified_at is None
    verification.vouch(second, "portal")
    second.refresh_from_db()
    assert second.verified_at is None
    Interaction.objects.filter(pk=second.pk).update(verified_at=clock.now())  # at the same moment
    with pytest.raises(verification.NotVerified):
        verification.must_hold(second)
    hard_moments.lift(moment, by=lena)
    verification.vouch(second, "portal")
    second.refresh_from_db()
    assert second.verified_at is not None
