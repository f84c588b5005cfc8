"""Mail that providers post: only from them, stored before it is answered."""

import base64
import hashlib
import hmac
import json

import pytest
from django.urls import reverse

from tests.tickets.conftest import letter
from tickets import views
from tickets.models import Hook, Mail
from tickets.services import hooks, receiving

pytestmark = pytest.mark.django_db
State = Mail.State


@pytest.fixture
def postmark(assistance):
    return Hook.objects.create(mailbox=assistance, provider="postmark")


def post(client, hook, body, password=None, **headers):
    pair = f"bravo:{hook.passwords[0] if password is None else password}"
    return client.post(
        reverse("tickets:hook", args=[hook.mailbox_id, hook.provider]),
        body if isinstance(body, dict) else body,
        **({} if isinstance(body, dict) else {"content_type": "application/json"}),
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", **headers},
    )


def said(**more) -> str:
    return json.dumps(
        {
            "FromFull": {"Email": "ada@lenoir.example", "Name": "Ada Lénoir"},
            "ToFull": [{"Email": "assistance@lumio.example"}],
            "OriginalRecipient": "assistance@lumio.example",
            "Subject": "Ma télécommande",
            "TextBody": "Elle ne répond plus.",
            "Headers": [{"Name": "Message-ID", "Value": "<1@lenoir.example>"}],
            "Attachments": [
                {
                    "Name": "facture.pdf",
                    "ContentType": "application/pdf",
                    "Content": base64.b64encode(b"%PDF-1.4").decode(),
                }
            ],
            **more,
        }
    )


def test_a_post_is_stored_when_it_is_answered_and_becomes_a_request(client, postmark):
    assert post(client, postmark, said()).status_code == 200
    mail = Mail.objects.inbound().get()
    assert mail.state == State.RECEIVED
    receiving.file(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.mailbox) == (State.FILED, postmark.mailbox)
    assert mail.interaction.title == "Ma télécommande"
    assert mail.message.text == "Elle ne répond plus."
    assert [file.name for file in mail.message.attachments.all()] == ["facture.pdf"]


def test_the_same_mail_posted_twice_is_one(client, postmark):
    for _time in range(2):
        post(client, postmark, said())
    receiving.file_many(Mail.objects.values_list("pk", flat=True))
    assert Mail.objects.inbound().filter(state=State.DUPLICATE).count() == 1


@pytest.mark.parametrize("case", ["password", "no password", "provider", "out of use"])
def test_whoever_is_not_the_provider_brings_nothing(client, postmark, case):
    if case == "provider":
        postmark.provider = "mailjet"
    if case == "out of use":
        Hook.objects.update(is_active=False)
    wrong = {"password": "wrong", "no password": ""}.get(case)
    assert post(client, postmark, said(), wrong).status_code == 403
    assert not Mail.objects.exists()


def test_guessing_the_password_is_slowed_down(client, postmark, monkeypatch, fresh_limits):
    monkeypatch.setattr(views, "WRONG_A_MINUTE", 2)
    answers = [post(client, postmark, said(), "wrong").status_code for _time in range(3)]
    assert answers == [403, 403, 429]


def test_a_new_password_ends_the_one_before(client, postmark):
    before = postmark.passwords[0]
    Hook.objects.update(password_number=2)
    assert post(client, postmark, said(), before).status_code == 403


def test_what_is_proven_and_unreadable_waits_in_the_quarantine(client, postmark):
    assert post(client, postmark, b'{"Attachments": [{"ContentType": "a/b"}]}').status_code == 200
    mail = Mail.objects.inbound().get()
    assert (mail.state, mail.size > 0) == (State.QUARANTINED, True)


def test_a_post_beyond_all_bounds_is_refused(client, postmark, monkeypatch):
    monkeypatch.setattr(hooks, "LIMIT", 100)
    assert post(client, postmark, said()).status_code == 413


def test_when_it_cannot_be_stored_the_provider_tries_again(client, postmark, monkeypatch):
    def full(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr(receiving.sources, "put", full)
    client.raise_request_exception = False
    assert post(client, postmark, said()).status_code == 500


def test_mailguns_signature_is_checked_beside_the_password(client, assistance):
    hook = Hook.objects.create(mailbox=assistance, provider="mailgun", key="signing")
    signed = hmac.new(b"signing", b"1700000000token", hashlib.sha256).hexdigest()
    body = {
        "token": "token",
        "timestamp": "1700000000",
        "signature": signed,
        "recipient": "assistance@lumio.example",
        "sender": "ada@lenoir.example",
        "body-mime": letter("request", id="r1").decode(),
    }
    assert post(client, hook, {**body, "signature": "0" * 64}).status_code == 403
    assert post(client, hook, body).status_code == 200
    mail = receiving.file(Mail.objects.inbound().get().pk)
    assert mail.header_id == "r1@example.test"


def test_a_key_is_wanted_where_posts_are_signed(assistance, root):
    client = root
    page = reverse("admin:tickets_mailbox_change", args=[assistance.pk])
    form = _form(assistance) | {"hook-0-provider": "mailgun", "hook-0-is_active": "on"}
    assert "Ce fournisseur en a besoin" in client.post(page, form).content.decode()
    form["hook-0-key"] = "s1gned"
    assert client.post(page, form).status_code == 302
    hook = Hook.objects.get()
    assert hook.address in client.get(page).content.decode()
    assert "s1gned" not in client.get(page).content.decode()


def _form(mailbox) -> dict[str, str]:
    none = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    return {
        **{f"imap-{name}": value for name, value in none.items()},
        **{f"rules-{name}": value for name, value in none.items()},
        "hook-TOTAL_FORMS": "1",
        "hook-INITIAL_FORMS": "0",
        "hook-0-mailbox": str(mailbox.pk),
        "address": mailbox.address,
        "name": mailbox.name,
        "queue": str(mailbox.queue_id),
        "language": "fr",
        "is_active": "on",
    }
