"""Who sees which mail, and who answers through the API."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from crm import clock
from crm.models import Interaction, ReplyTemplate
from crm.models.template import VARIABLES
from crm.services import interactions
from tests.tickets.conftest import letter
from tickets.models import Mail, SenderRule
from tickets.services import outbox, reasons, receiving, rendering

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(assistance) -> Mail:
    return receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"])


def test_a_mail_about_an_account_is_shown_to_nobody(assistance, mia, bea):
    outbox.notify(
        "mia@lumio.example", "accounts/mail/plain", {"subject": "Code", "body": "1234"}, "fr", "k"
    )
    for user in (mia, bea.user):
        assert not Mail.objects.visible_to(user).exists()


def test_an_agent_sees_the_mails_of_their_queues_only(filed, bea, mobile_queue):
    assert filed in Mail.objects.visible_to(bea.user)
    Interaction.objects.update(queue=mobile_queue, agent=None)
    assert not Mail.objects.visible_to(bea.user).exists()


def test_a_customer_and_a_stranger_see_no_mail(filed, mallory):
    assert not Mail.objects.visible_to(mallory).exists()


def test_the_source_is_for_those_who_may_read_it(filed, enter, bea):
    client = enter(bea.user)
    address = f"/console/tickets/mail/{filed.pk}/source/"
    assert client.get(address).status_code == 403


def test_an_agent_answers_through_the_api_once_per_key(filed, enter, bea):
    interactions.take(filed.interaction_id, bea)
    client = enter(bea.user)
    address = f"/api/v1/tickets/{filed.interaction_id}/reply/"
    said = {"text": "Retirez les piles.", "client_id": "c1"}
    first = client.post(address, said, content_type="application/json")
    again = client.post(address, said, content_type="application/json")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Mail.objects.outbound().filter(message=first.json()["message"]).count() == 1
    assert client.get("/api/v1/mails/").json()["results"]


def test_a_stranger_answers_nobody_through_the_api(filed, mallory):
    client = Client()
    client.force_login(mallory)
    answer = client.post(f"/api/v1/tickets/{filed.interaction_id}/reply/", {"text": "x"})
    assert answer.status_code in (401, 403)


def test_the_lists_of_mails_and_the_quarantine_open(filed, enter, mia):
    mia.is_superuser = True
    mia.save()
    receiving.receive(b"Subject: x\n\nhello")
    client = enter(mia)
    for page in ("mail/", f"mail/{filed.pk}/change/", "quarantine/", "mailbox/"):
        assert client.get(f"/console/tickets/{page}").status_code == 200


def test_the_desks_head_names_the_mailbox_and_the_strangers(filed, mallory):
    raw = letter(
        "reply",
        id="a1",
        to="assistance@lumio.example",
        headers="In-Reply-To: <r1@example.test>",
        **{"from": "mallory@evil.example"},
    )
    receiving.receive(raw)
    head = render_to_string(
        "tickets/console/_head.html", {"interaction": Interaction.objects.get()}
    )
    assert "assistance@lumio.example" in head
    assert "mallory@evil.example" in head


def test_the_desks_head_says_who_wrote_and_once_what_came_back(filed):
    interaction = Interaction.objects.get()
    Mail.objects.create(
        direction="in", state="filed", verdict="bounce", from_email="mailer-daemon@mx.example",
        interaction=interaction, created_at=clock.now() + timedelta(minutes=5),
    )  # fmt: skip
    Mail.objects.create(
        direction="out", state="bounced", to=["ada@lenoir.example"], error="ada@lenoir.example",
        interaction=interaction,
    )  # fmt: skip
    head = render_to_string("tickets/console/_head.html", {"interaction": interaction})
    assert "mailer-daemon" not in head
    assert head.count("ada@lenoir.example") == 2  # who wrote, and what came back


def test_a_templates_preview_fills_in_all_that_can_be_filled_in(assistance):
    names = " ".join(f"{{{name}}}" for name in VARIABLES)
    template = ReplyTemplate.objects.create(name="All", text_fr=names)
    page = rendering.sample(template, "fr")
    assert not [name for name in VARIABLES if f"{{{name}}}" in page]


@pytest.mark.parametrize("sender", ["not a sender", "@", "a@b@c.example"])
def test_the_senders_list_takes_addresses_and_domains_only(root, sender):
    page = reverse("admin:tickets_senderrule_add")
    assert root.post(page, {"pattern": sender, "action": "block"}).status_code == 200
    assert not SenderRule.objects.exists()
    assert root.post(page, {"pattern": "@Pub.example ", "action": "block"}).status_code == 302
    assert SenderRule.objects.get().matches("promo@pub.example")


def test_a_mails_page_offers_what_its_state_allows_and_says_what_there_is(root, filed, beas):
    lost = receiving.receive(b"Subject: x\n\nhello")
    page = f"/console/tickets/mail/{lost.pk}/change/"
    shown = root.get(page, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Try again" in shown
    assert "In blind copy" not in shown
    asked = {"action": "try_again", "_selected_action": lost.pk}
    assert root.post("/console/tickets/quarantine/", asked).status_code == 302
    other = f"/console/tickets/mail/{filed.pk}/change/"
    assert "t-act" not in root.get(other).content.decode()
    assert "t-act" not in beas.get(other).content.decode()


def test_an_empty_list_says_what_belongs_there_and_one_without_finds_what_to_do(root):
    page = "/console/tickets/senderrule/"
    assert "kept out" in root.get(page, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Nothing fits" in root.get(f"{page}?q=x", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_why_a_filter_calls_it_spam_names_the_whole_header():
    assert "x-spam-flag" in reasons.why("x-spam-flag")
