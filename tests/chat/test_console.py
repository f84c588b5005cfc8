"""The console's pages about invitations: why and why not, and what they brought."""

import json
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from chat import invitations
from chat.invitations import Page
from chat.models import Chat, Invitation, InvitationRule
from chat.services import conversations, orders
from crm import clock
from crm.models import AgentState, Message
from crm.services import posting, presence
from tests.doors import signed_in

from .conftest import REMOTE_PAGE

SIMULATOR = "/console/invitations/simulator/"
FIGURES = "/console/invitations/figures/"


@pytest.fixture
def boss(django_user_model):
    user = django_user_model.objects.create_superuser("boss@lumio.example")
    return signed_in(user, second_factor=True)


@pytest.fixture
def simulate(boss, shop, rule):
    def ask(**asked):
        query = {
            "site": shop.pk,
            "url": "/lumibox/telecommande",
            "seconds": 60,
            "pages": 1,
            **asked,
        }
        response = boss.get(SIMULATOR, query)
        assert response.status_code == 200
        return response.context["verdicts"], response

    return ask


def invite(shop, visit, seconds=31, **page):
    return invitations.decide(
        shop, visit, Page(REMOTE_PAGE, seconds=seconds, **page), language="fr"
    )


def accepted(shop, visit, key="start-key-1"):
    return conversations.accept(invite(shop, visit).shown, visit, conversations.Asking(key=key))


# -- the simulator


def test_it_names_the_rule_and_the_agent(simulate, rule, bea, at_work):
    at_work(bea)
    (verdict,), response = simulate()
    assert (verdict.rule, verdict.invites, verdict.agent) == (rule, True, bea)
    assert "Bea" in response.content.decode()


def test_it_says_everything_that_speaks_against_a_rule(simulate, rule, shop, remote, bea):
    rule.conditions = {"match": "all", "of": [{"fact": "pages", "op": "at_least", "value": 3}]}
    rule.save()
    InvitationRule.objects.create(
        site=shop, name="panier", pages=["/panier"], subject=remote, question_fr="?", position=9
    )
    (first, second), _response = simulate(seconds=20)
    assert first.why == ["10 secondes trop tôt", "demande le consentement"]
    assert second.why == ["pas une page de cette règle"]


def test_asking_the_simulator_decides_nothing(simulate, shop, bea, at_work):
    at_work(bea)
    simulate()
    assert not shop.invitations.exists()


def test_only_the_first_rule_speaks(simulate, shop, remote, bea, at_work):
    at_work(bea)
    InvitationRule.objects.create(
        site=shop, name="autre", pages=["*"], subject=remote, question_fr="?", position=9
    )
    (first, second), _response = simulate()
    assert (first.invites, second.invites) == (True, False)


def test_why_was_nobody_invited_at_ten_past_two(simulate, shop, visit, rule, bea, monkeypatch):
    """Bea was on a break then; now she is back."""
    presence.beat(bea)
    presence.set_state(bea, AgentState.State.BREAK)
    invite(shop, visit)
    then = clock.now()
    later = then + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    presence.set_state(bea, AgentState.State.AVAILABLE)
    asked = then.astimezone(ZoneInfo("Europe/Paris")) + timedelta(minutes=2)
    (verdict,), response = simulate(at=f"{asked:%Y-%m-%dT%H:%M}")
    moment = response.context["moment"]
    assert "aucun conseiller n’avait de place libre" in " ".join(verdict.why)
    ((_queue, (there,)),) = moment.there
    assert (there.agent, there.state, there.free) == (bea, "pause", False)
    assert [(one["rule"], one["count"]) for one in moment.decisions] == [(rule.name, 1)]


def test_what_was_withheld_again_and_again_counts_in_between(simulate, shop, visit, rule):
    invite(shop, visit)
    then = clock.now() - timedelta(hours=2)
    Invitation.objects.update(created_at=then, times=9)
    between = (then + timedelta(hours=1)).astimezone(ZoneInfo("Europe/Paris"))
    _verdicts, response = simulate(at=f"{between:%Y-%m-%dT%H:%M}")
    assert [one["count"] for one in response.context["moment"].decisions] == [1]


def test_machines_ask_the_simulator_too(boss, shop, rule, bea, at_work):
    at_work(bea)
    page = {"site": shop.pk, "url": "/lumibox/telecommande", "seconds": 20}
    answer = boss.get("/api/v1/invitations/simulator/", page).json()
    assert [(one["name"], one["invites"]) for one in answer["verdicts"]] == [(rule.name, False)]
    assert [one["name"] for one in answer["there"][0]["agents"]] == ["Bea"]
    answer = boss.get("/api/v1/invitations/simulator/", page | {"seconds": 60}).json()
    assert answer["verdicts"][0]["agent"] == bea.pk
    assert boss.get("/api/v1/invitations/simulator/", {"site": shop.pk}).status_code == 400


def test_a_wrong_question_is_answered_beside_its_field(boss, shop):
    response = boss.get(SIMULATOR, {"site": shop.pk, "url": "", "seconds": "x"})
    assert response.status_code == 200
    assert "verdicts" not in response.context


# -- figures


def test_what_became_of_the_invitations(mias, shop, rule, new_visit, bea, carl, at_work):
    at_work(bea, carl)
    spoken = accepted(shop, new_visit())
    posting.post(spoken.interaction, author=Message.Author.CUSTOMER, text="Bonjour")
    orders.note(spoken, "CMD-1", Decimal("89.90"))
    accepted(shop, new_visit(), "start-key-2")  # not a word
    invitations.refuse(invite(shop, new_visit()).shown)
    found = mias.get(FIGURES, {"days": 1}).context
    cards = {card["label"]: card["value"] for card in found["cards"]}
    assert [cards[label] for label in ("Affichées", "Acceptées", "Refusées", "Sans un mot")] == [
        "3", "2", "1", "1",
    ]  # fmt: skip
    assert cards["Vendues"] == "1"
    assert sum(row["shown"] for row in found["agents"]) == 3
    assert sum(row["amount"] for row in found["agents"]) == Decimal("89.90")
    head = [one.name for one in found["table"].head]
    (line,) = [one for one in found["table"].lines if one.label == rule.name]
    figures = dict(zip(head, [cell.said for cell in line.cells], strict=True))
    assert figures["invitations_shown"] == "3"
    assert figures["invitations_accepted"] == "67\u00a0%"


def test_a_channel_is_no_filter_of_invitations(mias, shop, rule, visit):
    invite(shop, visit)
    page = mias.get(FIGURES, {"days": 1, "channel": "mail", "device": "mobile"})
    assert page.status_code == 200
    assert "channel" not in [one.name for one in page.context["filters"]]
    assert page.context["any"] == 0  # the device is one


def test_lost_opportunities_lie_in_their_hour(mias, shop, rule, visit):
    invite(shop, visit)  # nobody is there
    plot = mias.get(FIGURES, {"days": 1}).context["plot"]
    assert sum(int(row[1]) for row in plot.rows) == 1


def test_without_decisions_the_page_says_what_to_do(mias, shop):
    assert "chat_invitationrule" in mias.get(FIGURES).content.decode().replace("/", "_")


def test_an_agent_without_the_right_sees_neither(bea):
    client = signed_in(bea.user, second_factor=True)
    assert client.get(FIGURES).status_code == 403


def test_the_figures_cost_the_same_with_many(
    mias, shop, rule, new_visit, django_assert_max_num_queries
):
    for _n in range(6):
        invite(shop, new_visit())
    with django_assert_max_num_queries(70):
        mias.get(FIGURES)


# -- rules


def test_a_rule_is_written_as_a_sentence(boss, rule, shop):
    page = f"/console/chat/invitationrule/{rule.pk}/change/"
    conditions = {"match": "any", "of": [{"fact": "device", "op": "is", "value": "mobile"}]}
    fields = {
        "name": rule.name, "site": shop.pk, "position": 0, "is_active": "on", "seconds": 60,
        "pages": '["/lumibox/*"]', "conditions": json.dumps(conditions), "cooldown_days": 0,
        "subject": rule.subject_id, "question_fr": "?", "question_en": "",
    }  # fmt: skip
    assert "data-conditions" in boss.get(page).content.decode()
    assert boss.post(page, fields).status_code == 302
    rule.refresh_from_db()
    assert rule.conditions == conditions
    assert "appareil est téléphone" in rule.sentence()
    fields["conditions"] = '{"match": "all", "of": [{"fact": "moon", "op": "is"}]}'
    refused = boss.post(page, fields)
    assert refused.status_code == 200
    rule.refresh_from_db()
    assert rule.conditions == conditions


# -- orders


@pytest.fixture
def chat(shop, remote, visit, bea, at_work):
    at_work(bea)
    return conversations.start(
        shop, visit, conversations.Asking(key="start-key-9"), subject=remote, text="Bonjour",
        client_id="line-key-9",
    )  # fmt: skip


def order(client, chat, reference, amount):
    return client.post(
        f"/console/chat/{chat.pk}/order/",
        {"order_reference": reference, "order_amount": amount},
        headers={"accept": "application/json"},
    ).status_code


def test_the_agent_notes_what_was_sold_for_colleagues_only(chat, bea):
    client = signed_in(bea.user, second_factor=True)
    assert order(client, chat, "CMD-7", "49.90") == 200
    assert order(client, chat, "CMD-7", "49.90") == 200
    chat.refresh_from_db()
    assert (chat.order_reference, chat.order_amount) == ("CMD-7", Decimal("49.90"))
    told = chat.interaction.messages.get(body__event="ordered")
    assert told.customer_seq is None


@pytest.mark.parametrize(("reference", "amount"), [("CMD-7", ""), ("", "12"), ("CMD-7", "-1")])
def test_half_an_order_is_none(chat, bea, reference, amount):
    assert order(signed_in(bea.user, second_factor=True), chat, reference, amount) == 422
    assert not Chat.objects.filter(order_amount__isnull=False).exists()


def test_mallory_notes_nothing(chat, mallory):
    assert order(signed_in(mallory, second_factor=True), chat, "CMD-7", "1") in (302, 403)
    assert not Chat.objects.filter(order_amount__isnull=False).exists()
