"""Who the site says its visitor is: a good token proves, any other says nothing."""

import base64
import hashlib
import hmac
import json

import pytest

from chat.models import Chat, Site
from chat.services import identity, tokens
from crm import clock
from crm.models import Customer, MergeSuggestion
from crm.services import customers, interactions
from tests import factories

pytestmark = pytest.mark.django_db


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed(secret, said, alg="HS256"):
    """As any library of JSON Web Tokens makes it."""
    text = f"{encoded({'alg': alg, 'typ': 'JWT'})}.{encoded(said)}"
    mark = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def soon(seconds=600):
    return int(clock.wall().timestamp()) + seconds


@pytest.fixture
def secret(shop):
    return identity.rotate(shop)


@pytest.fixture
def begin(ask, visit, bea, at_work, rule):
    at_work(bea)

    def say(token):
        line = {"key": "start-key-1", "text": "Bonjour", "client_id": "line-key-1"}
        status, answer = ask("start", visit=visit, identity=token, **line)
        assert status == 200
        return Chat.objects.get(pk=answer["chat"]["i"]).interaction

    return say


def test_a_signed_visitor_is_the_customer_and_verified(begin, secret, ada):
    customers.add_identity(ada, "external", "C-1")
    row = begin(signed(secret, {"aud": "boutique", "exp": soon(), "sub": "C-1"}))
    assert row.customer == ada
    assert row.verified_by == "site"


def test_on_another_device_ada_goes_on_where_she_was_and_nobody_else_does(
    ask, begin, secret, ada, bea
):
    customers.add_identity(ada, "external", "C-1")
    mine = {"aud": "boutique", "exp": soon(), "sub": "C-1"}

    def on_another_device(**said):
        token = ask("visit", **said)[1]["button"]["chat"]
        return tokens.read_chat(token, site_key="boutique").interaction if token else None

    assert on_another_device(identity=signed(secret, mine)) is None
    row = begin(signed(secret, mine))
    assert on_another_device(identity=signed(secret, mine)) == row
    assert on_another_device() is None
    assert on_another_device(identity=signed(secret, mine | {"sub": "C-2"})) is None
    assert on_another_device(identity=signed("mallory", mine)) is None
    interactions.close(row, by=bea, outcome="solved")
    assert on_another_device(identity=signed(secret, mine)) is None


def test_what_mallory_began_under_adas_name_never_opens_on_adas_screen(ask, begin, secret):
    row = begin("")
    customers.add_identity(row.customer, "external", "C-1")  # said, and never proven
    said = {"aud": "boutique", "exp": soon(), "sub": "C-1"}
    assert ask("visit", identity=signed(secret, said))[1]["button"]["chat"] == ""


def test_a_signed_stranger_to_us_gets_a_record_with_proven_identities(begin, secret):
    said = {"aud": ["boutique"], "exp": soon(), "sub": "C-2", "email": "Ugo@faure.example"}
    row = begin(signed(secret, said | {"name": "Ugo Faure"}))
    assert row.customer.full_name == "Ugo Faure"
    proofs = row.customer.identities.values_list("kind", "value", "verified_by")
    assert set(proofs) >= {("external", "C-2", "site"), ("mail", "ugo@faure.example", "site")}


def test_number_and_address_of_two_people_merge_nothing(begin, secret, ada):
    other = factories.CustomerFactory()
    customers.add_identity(other, "external", "C-3")
    said = {"aud": "boutique", "exp": soon(), "sub": "C-3", "email": "ada@lenoir.example"}
    row = begin(signed(secret, said))
    assert row.customer == other
    assert MergeSuggestion.objects.count() == 1


GOOD = {"aud": "boutique", "sub": "C-1", "email": "ada@lenoir.example"}


@pytest.mark.parametrize(
    "token",
    [
        lambda secret: signed("mallory", GOOD | {"exp": soon()}),
        lambda secret: signed(secret, GOOD | {"exp": soon(-120)}),
        lambda secret: signed(secret, GOOD | {"exp": soon(7200)}),
        lambda secret: signed(secret, GOOD | {"exp": soon(), "aud": "portal"}),
        lambda secret: signed(secret, GOOD | {"exp": soon(), "nbf": soon()}),
        lambda secret: signed(secret, GOOD),
        lambda secret: signed(secret, GOOD | {"exp": "tomorrow"}),
        lambda secret: signed(secret, GOOD | {"exp": soon()}, alg="none"),
        lambda secret: signed(secret, GOOD | {"exp": soon()}).rsplit(".", 1)[0] + ".",
        lambda secret: signed(secret, {"aud": "boutique", "exp": soon()}),
        lambda secret: signed(secret, [1]),
        lambda secret: "x.y.z",
        lambda secret: "é" * 30,
        lambda secret: {"sub": "C-1"},
    ],
)
def test_mallory_gets_nowhere_with_a_token_that_is_not_good(begin, secret, ada, token):
    customers.add_identity(ada, "external", "C-1")
    row = begin(token(secret))
    assert row.customer != ada
    assert row.verified_at is None
    assert not row.customer.identities.exclude(kind="visitor").exists()


def test_another_sites_secret_and_a_replaced_one_are_worth_nothing(begin, shop, secret, ada):
    other = Site.objects.create(key="autre", name="Autre", origins=["https://autre.example"])
    theirs = identity.rotate(other)
    customers.add_identity(ada, "external", "C-1")
    for bad in (theirs, secret):
        identity.rotate(shop)
        with pytest.raises(identity.BadIdentity):
            identity.read(Site.objects.get(pk=shop.pk), signed(bad, GOOD | {"exp": soon()}))
    with pytest.raises(identity.BadIdentity):  # a site that never made one
        identity.read(Site(key="boutique", pk=99), signed("", GOOD | {"exp": soon()}))
    assert Customer.objects.count() == 1


def test_an_unchecked_address_proves_nothing(begin, secret, ada):
    said = {"aud": "boutique", "exp": soon(), "sub": "C-9", "email": "ada@lenoir.example"}
    row = begin(signed(secret, said | {"email_verified": False}))
    assert row.customer != ada


def test_the_secret_is_shown_once_and_only_to_who_may_change_sites(enter, shop, mia):
    root = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    made = enter(root).post(f"/api/v1/sites/{shop.pk}/secret/", {}, "application/json").json()
    token = signed(made["secret"], GOOD | {"exp": soon()})
    assert identity.read(Site.objects.get(pk=shop.pk), token).claims
    assert made["secret"] not in enter(root).get(f"/api/v1/sites/{shop.pk}/").content.decode()
    assert enter(mia).post(f"/api/v1/sites/{shop.pk}/secret/", {}).status_code in (403, 415)
    shop.refresh_from_db()
    assert shop.identity_version == 1


def test_whoever_signed_in_at_the_shop_stays_so_from_page_to_page(client, shop):
    shown = client.get("/boutique/?lang=fr&as=ada").content.decode()
    assert "Ada Lenoir" in shown
    assert "/boutique/lumibox/?lang=fr&amp;as=ada" in shown
    assert "as=mallory" not in client.get("/boutique/?as=mallory").content.decode()
