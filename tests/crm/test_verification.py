"""Who speaks here: verified by a code to an address known before, until the exchange closes."""

import re
from datetime import timedelta

import pytest

from crm import clock
from crm.models import Identity, Verification
from crm.services import answering, customers, interactions, verification
from tests import factories
from tickets.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(ada):
    """Ada's mail, on the record for a year."""
    known = ada.identities.get(kind="mail")
    Identity.objects.filter(pk=known.pk).update(created_at=clock.now() - timedelta(days=365))
    return known


@pytest.fixture
def exchange(ada, bea, address):
    return factories.InteractionFactory(
        customer=ada, agent=bea, status="active", waiting_since=None, language="fr"
    )


def code_of(mail):
    """What stands in the mail."""
    return re.search(r"^ +(\d{6})$", mail.text, re.M).group(1)


def mailed():
    return Mail.objects.filter(direction="out").order_by("pk").last()


def test_the_code_of_the_mail_verifies_until_the_exchange_closes(exchange, address, bea):
    verification.send_code(exchange, address.pk, by=bea.user)
    mail = mailed()
    assert "ada@lenoir.example" in str(mail.to)
    code = code_of(mail)
    assert code not in Verification.objects.get().code_hash
    assert verification.confirm(exchange, f"{code[:3]} {code[3:]}")
    exchange.refresh_from_db()
    assert exchange.verified_by == verification.CODE
    interactions.close(exchange, outcome="solved")
    exchange.refresh_from_db()
    assert (exchange.verified_at, exchange.verified_by) == (None, "")


def test_a_code_serves_once(exchange, address, bea):
    verification.send_code(exchange, address.pk, by=bea.user)
    code = code_of(mailed())
    assert verification.confirm(exchange, code)
    assert not verification.confirm(exchange, code)


def test_an_address_just_given_gets_no_code(exchange, bea):
    new = customers.add_identity(exchange.customer, "mail", "new@address.example")
    assert new not in verification.addresses(exchange)
    with pytest.raises(verification.NotEligible):
        verification.send_code(exchange, new.pk, by=bea.user)
    assert not Verification.objects.exists()


def test_an_address_that_a_merge_brought_since_gets_no_code(exchange, mallory, mia, bea):
    hers = mallory.customer.identities.get()
    Identity.objects.filter(pk=hers.pk).update(created_at=clock.now() - timedelta(days=365))
    customers.merge(exchange.customer, mallory.customer, by=mia)
    with pytest.raises(verification.NotEligible):
        verification.send_code(exchange, hers.pk, by=bea.user)


def test_an_address_of_somebody_else_gets_no_code(exchange, mallory, bea):
    hers = mallory.customer.identities.get()
    Identity.objects.filter(pk=hers.pk).update(created_at=clock.now() - timedelta(days=365))
    with pytest.raises(verification.NotEligible):
        verification.send_code(exchange, hers.pk, by=bea.user)


def test_five_wrong_entries_spend_the_code(exchange, address, bea):
    verification.send_code(exchange, address.pk, by=bea.user)
    code = code_of(mailed())
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(verification.TRIES):
        assert not verification.confirm(exchange, wrong)
    assert not verification.confirm(exchange, code)
    exchange.refresh_from_db()
    assert exchange.verified_at is None


def test_an_old_code_is_void_by_time_and_by_a_newer_one(exchange, address, bea):
    verification.send_code(exchange, address.pk, by=bea.user)
    first = code_of(mailed())
    verification.send_code(exchange, address.pk, by=bea.user)
    second = code_of(mailed())
    if first != second:
        assert not verification.confirm(exchange, first)
    Verification.objects.update(expires_at=clock.wall() - timedelta(seconds=1))
    assert not verification.confirm(exchange, second)


def test_three_codes_an_hour_are_enough(exchange, address, bea):
    for _time in range(3):
        verification.send_code(exchange, address.pk, by=bea.user)
    with pytest.raises(verification.TooOften):
        verification.send_code(exchange, address.pk, by=bea.user)


def test_a_code_of_one_exchange_opens_no_other(exchange, address, bea, ada):
    other = factories.InteractionFactory(customer=ada, agent=bea, status="active")
    verification.send_code(exchange, address.pk, by=bea.user)
    assert not verification.confirm(other, code_of(mailed()))


def test_what_is_personal_waits_for_the_proof(exchange, address, bea):
    with pytest.raises(verification.NotVerified):
        answering.answer(exchange, agent=bea, text="Your bill", client_id="one", personal=True)
    assert not exchange.messages.exists()
    verification.send_code(exchange, address.pk, by=bea.user)
    verification.confirm(exchange, code_of(mailed()))
    said = answering.answer(exchange, agent=bea, text="Your bill", client_id="one", personal=True)
    assert said.body == {"personal": True}


def test_a_closed_exchange_is_not_verified_any_more(exchange, address, bea):
    interactions.close(exchange, outcome="solved")
    with pytest.raises(verification.NotOpen):
        verification.send_code(exchange, address.pk, by=bea.user)
    with pytest.raises(verification.NotOpen):
        verification.confirm(exchange, "123456")


@pytest.fixture
def desk(bea, at_work):
    from tests.doors import signed_in

    at_work(bea)
    return signed_in(bea.user, second_factor=True)


def test_the_desk_sends_the_code_counts_wrong_entries_and_stops_what_is_personal(
    desk, exchange, address
):
    base = f"/console/desk/{exchange.pk}"
    say = {"text": "Your bill", "client_id": "a", "personal": "1"}
    assert desk.post(f"{base}/say/", say).json()["error"] == "not_verified"
    assert not exchange.messages.exists()
    shown = desk.get(f"{base}/").json()
    assert [one["value"] for one in shown["customer"]["codes"]] == ["ada@lenoir.example"]
    assert desk.post(f"{base}/send_code/", {"identity": address.pk}).status_code == 200
    wrong = desk.post(f"{base}/verify/", {"code": "12"})
    assert (wrong.status_code, wrong.json()["error"]) == (409, "wrong_code")
    assert Verification.objects.get().tries == 1
    right = desk.post(f"{base}/verify/", {"code": code_of(mailed())}).json()
    assert right["row"]["verified"]["at"]
    assert desk.post(f"{base}/say/", say).status_code == 200
    assert exchange.messages.get(kind="text").body == {"personal": True}


def test_a_colleague_who_does_not_hold_it_verifies_nothing(exchange, address, carl, at_work):
    from tests.doors import signed_in

    at_work(carl)
    door = signed_in(carl.user, second_factor=True)
    for verb in ("send_code", "verify"):
        answer = door.post(f"/console/desk/{exchange.pk}/{verb}/", {"identity": address.pk})
        assert answer.json()["error"] == "not_yours"
    assert not Verification.objects.exists()
