"""Mail through a provider's API, and what the provider tells of it afterwards."""

import base64
import json

import pytest
import requests
from django.core import mail as django_mail
from django.urls import reverse

from crm.models import Message
from crm.services import answering, interactions
from tests.tickets.conftest import letter
from tickets.mail import provider
from tickets.models import Mail
from tickets.services import outbox, receiving, sending

pytestmark = pytest.mark.django_db
State = Mail.State


@pytest.fixture
def by_postmark(settings):
    settings.MAIL_PROVIDER = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "WEBHOOK_SECRET": "bravo:secret"}


class Api:
    """Stands where Postmark's servers would."""

    def __init__(self, status=200, **answer) -> None:
        self.status, self.posts = status, []
        self.answer = {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", **answer}

    def __call__(self, session, **request):
        self.posts.append(json.loads(request["data"]))
        response = requests.Response()
        response.status_code = self.status
        response._content = json.dumps(self.answer).encode()
        response.headers["Content-Type"] = "application/json"
        response.request = requests.Request("POST", "https://api.invalid").prepare()
        return response


@pytest.fixture
def api(monkeypatch):
    stub = Api()
    monkeypatch.setattr(requests.Session, "request", lambda self, **given: stub(self, **given))
    return stub


@pytest.fixture
def answered(assistance, bea, monkeypatch):
    """An answer with a copy, due now."""
    monkeypatch.setattr(outbox, "HOLD", outbox.HOLD * 0)
    received = receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"])
    interactions.take(received.interaction_id, bea)
    Mail.objects.outbound().delete()
    return answering.answer(
        received.interaction, agent=bea, text="Bonjour **Ada**", client_id="a1",
        bcc=["chef@lumio.example"],
    )  # fmt: skip


def mail_of(message) -> Mail:
    return Mail.objects.get(message=message)


def test_the_providers_api_gets_the_whole_mail_once(answered, by_postmark, api):
    sending.sweep()
    mail = mail_of(answered)
    (said,) = api.posts
    assert (mail.state, mail.provider_id) == (State.SENT, "pm-1")
    assert said["To"] == "ada@lenoir.example"
    assert said["Bcc"] == "chef@lumio.example"
    assert "<strong>Ada</strong>" in said["HtmlBody"]
    headers = {each["Name"]: each["Value"] for each in said["Headers"]}
    assert headers["Message-ID"] == f"<{mail.header_id}>"
    assert headers["In-Reply-To"] == "<r1@example.test>"
    assert said["Metadata"] == {"mail": mail.header_id}
    assert not django_mail.outbox


@pytest.mark.parametrize(("status", "state"), [(422, State.FAILED), (503, State.RETRY)])
def test_a_refusal_is_judged_by_its_kind(answered, by_postmark, api, status, state):
    api.status, api.answer = status, {"ErrorCode": 10, "Message": "no"}
    sending.sweep()
    assert mail_of(answered).state == state


def test_a_provider_that_is_away_is_tried_again(answered, by_postmark, monkeypatch):
    def away(self, **given):
        raise requests.ConnectionError("unreachable")

    monkeypatch.setattr(requests.Session, "request", away)
    assert provider.send(mail_of(answered), []).kind == "away"


def tell(client, body, password="secret", name="postmark"):
    pair = base64.b64encode(f"bravo:{password}".encode()).decode()
    return client.post(
        reverse("tickets:reports", args=[name]),
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {pair}"},
    )


DELIVERED = {"RecordType": "Delivery", "MessageID": "pm-1", "Recipient": "ada@lenoir.example"}
BOUNCED = {
    "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "MessageID": "pm-1",
    "ID": 7, "Email": "ada@lenoir.example", "Description": "No such user",
    "BouncedAt": "2026-11-22T10:00:00Z",
}  # fmt: skip


def test_delivered_and_then_bounced_stands_on_the_message(answered, by_postmark, api, client):
    sending.sweep()
    assert tell(client, DELIVERED).status_code == 200
    said = Message.objects.get(pk=answered.pk)
    assert said.body["delivery"]["state"] == "delivered"
    assert tell(client, BOUNCED).status_code == 200
    assert tell(client, BOUNCED).status_code == 200  # told twice
    assert tell(client, DELIVERED).status_code == 200  # told late: the bounce stays
    said.refresh_from_db()
    assert said.body["delivery"]["state"] == "bounced"
    assert mail_of(answered).error == "No such user"
    events = Message.objects.filter(body__event="mail_bounced")
    assert events.count() == 1


def test_nobody_elses_word_is_taken(answered, by_postmark, api, client, settings):
    sending.sweep()
    assert tell(client, BOUNCED, password="guess").status_code == 403
    assert tell(client, BOUNCED, name="mailgun").status_code == 403
    assert tell(client, ["no", "report"]).status_code in (200, 400)
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x"}
    assert tell(client, BOUNCED).status_code == 403
    assert mail_of(answered).state == State.SENT
