"""A mailbox's rules tried on a mail, before they are kept: nothing changes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Interaction
from tests.tickets.conftest import letter
from tickets.models import Mail, MailRule, SenderRule
from tickets.services import receiving, trials

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(assistance) -> str:
    return f"/console/tickets/mailbox/{assistance.pk}/try/"


def said(answer) -> str:
    return " ".join(answer.context["trial"].says)


def ask(client, page, **fields):
    given = {"rule-position": 0, "rule-where": "any", **fields}
    return client.post(page, given, HTTP_ACCEPT_LANGUAGE="en")


def fields_of(rule: dict) -> dict:
    return {f"rule-{name}": value for name, value in rule.items()}


WORDS = {"sender": "ada@lenoir.example", "title": "Ma facture", "text": "Trop chère."}


def test_the_words_of_a_mail_say_where_it_would_go_and_nothing_is_kept(
    root, page, assistance, mobile_queue
):
    MailRule.objects.create(mailbox=assistance, words="facture", queue=mobile_queue)
    assert root.get(page).status_code == 200
    answer = ask(root, page, **WORDS)
    assert str(mobile_queue) in said(answer)
    assert "gets an acknowledgement" in said(answer)
    assert (Mail.objects.count(), Interaction.objects.count()) == (0, 0)


def test_a_rule_is_tried_before_it_is_kept(root, page, assistance, mobile_queue):
    draft = fields_of({"words": "FACTURE", "queue": mobile_queue.pk, "is_quiet": "on"})
    answer = ask(root, page, **WORDS, **draft)
    assert str(mobile_queue) in said(answer)
    assert "not acknowledged" in said(answer)
    assert [fits for _rule, fits in answer.context["trial"].fits] == [True]
    assert not MailRule.objects.exists()
    assert ask(root, page, keep=1, **draft).status_code == 302
    rule = MailRule.objects.get()
    assert (rule.mailbox, rule.queue, rule.words) == (assistance, mobile_queue, "FACTURE")
    mail = receiving.receive(trials.written(**WORDS), [assistance.address])
    assert mail.interaction.queue == mobile_queue


def test_a_mail_that_came_is_tried_again_with_a_rule_that_sets_it_aside(root, page, assistance):
    mail = receiving.receive(letter("request", id="r1"), [assistance.address])
    answer = ask(root, page, mail=mail.pk, **fields_of({"words": "lenoir", "sets_aside": "on"}))
    assert "opens no request" in said(answer)
    assert "(lenoir)" in said(answer)
    mail.refresh_from_db()
    assert mail.state == Mail.State.FILED


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"no mail at all", "goes to the quarantine"),
        (b"From: a@b.example\nAuto-Submitted: auto-replied\n\nx", "From a machine"),
        (b"From: spam@evil.example\nSubject: x\n\nx", "Its sender is on the list"),
        (b"From: a@b.example\nIn-Reply-To: <r1@example.test>\n\nx", "It goes on in request"),
        (b"\x00\xff" * 500, "goes to the quarantine"),
    ],
    ids=["no head", "a robot", "a blocked sender", "a reply", "rubbish"],
)
def test_a_file_says_what_would_become_of_it(root, page, assistance, raw, words):
    SenderRule.objects.create(pattern="spam@evil.example", action="block")
    receiving.receive(letter("request", id="r1"), [assistance.address])
    answer = ask(root, page, file=SimpleUploadedFile("a.eml", raw))
    assert words in said(answer)


def test_what_is_missing_is_said(root, page, mobile_queue):
    assert "Choose a mail" in ask(root, page).content.decode()
    assert ask(root, page, mail=999).context["trial"] is None
    assert ask(root, page, keep=1, **fields_of({"words": " , "})).context["trial"] is None


def test_the_source_of_a_mail_may_be_pasted():
    raw = trials.written("", "", "From: ada@lenoir.example\r\nSubject: Facture\r\n\r\nBonjour")
    assert raw.startswith(b"From: ada@lenoir.example\nSubject")


def test_agents_and_strangers_try_nothing(beas, client, page, assistance):
    assert beas.get(page).status_code == 403
    assert ask(beas, page, keep=1, **fields_of({"words": "x"})).status_code == 403
    assert client.get(page).status_code == 302
    assert not MailRule.objects.exists()
