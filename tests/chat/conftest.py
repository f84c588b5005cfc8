"""The shop's page with the widget, its rule, and what the frame would send."""

import json
from itertools import count

import pytest

from chat.models import InvitationRule, Site
from chat.services import conversations, tokens
from crm.services import journeys, limits

SHOP = "https://boutique.example"
REMOTE_PAGE = f"{SHOP}/lumibox/telecommande"


_addresses = count(1)


@pytest.fixture(autouse=True)
def _fresh_limits(client):
    """Every test comes from an address of its own: Redis counts over the whole run."""
    limits.forget()
    number = next(_addresses)
    client.defaults["REMOTE_ADDR"] = f"127.77.{number // 250}.{number % 250 + 1}"


@pytest.fixture
def shop(remote):
    return Site.objects.create(key="boutique", name="Boutique", origins=[SHOP])


@pytest.fixture
def rule(shop, remote):
    return InvitationRule.objects.create(
        site=shop,
        name="Remote, 30 s",
        pages=["/lumibox/*"],
        seconds=30,
        subject=remote,
        question_fr="Votre télécommande fait des siennes ?",
        question_en="Is your remote acting up?",
    )


@pytest.fixture
def new_visit(shop):
    def make():
        return journeys.visit(journeys.new_key(), site_key=shop.key)

    return make


@pytest.fixture
def visit(new_visit):
    return new_visit()


@pytest.fixture
def ask(client, shop):
    """What the frame does: `ask("invite", seconds=31)` → status and answer."""

    def post(door, *, origin="http://testserver", visit=None, **data):
        body = {"site": shop.key, "lang": "fr", "url": REMOTE_PAGE, "title": "Télécommande"}
        if visit is not None:
            body["visit"] = tokens.for_visit(visit.key, shop)
        response = client.post(
            f"/widget/{door}",
            json.dumps(body | data),
            content_type="application/json",
            headers={"origin": origin} if origin else {},
        )
        return response.status_code, response.json()

    return post


@pytest.fixture
def chat(shop, remote, visit, bea, at_work):
    """A visitor has begun with Bea."""
    at_work(bea)
    asking = conversations.Asking(key="start-key-1")
    return conversations.start(
        shop, visit, asking, subject=remote, text="Bonjour", client_id="line-key-1"
    )
