"""Who wrote, and whether it is believed: colleagues, forwards, spam."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Customer, Interaction, Message
from crm.services import blocks, interactions
from tests.tickets.conftest import letter
from tickets.mail.parse import parse
from tickets.models import Mail, SenderRule
from tickets.services import receiving, spam

State = Mail.State
pytestmark = pytest.mark.django_db
PROVEN = (
    b"Authentication-Results: mx.lumio.example; spf=pass; dmarc=pass header.from=lumio.example\n"
)


@pytest.fixture(autouse=True)
def believed(assistance):
    assistance.receiving_server = "mx.lumio.example"
    assistance.save()


def request() -> Mail:
    return receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"])


def reply(sender: str, head: bytes = b"", to: str = "ada@lenoir.example") -> Mail:
    raw = letter(
        "reply", id="c1", to=to, headers="In-Reply-To: <r1@example.test>", **{"from": sender}
    )
    return receiving.receive(head + raw, ["assistance@lumio.example"])


def test_a_colleague_who_answers_from_their_own_mail_program_has_answered(assistance, bea):
    first = request()
    mail = reply("bea@lumio.example", PROVEN)
    message = mail.message
    assert (message.author, message.agent, message.kind) == ("agent", bea, "text")
    assert mail.interaction == first.interaction
    first.interaction.refresh_from_db()
    assert first.interaction.first_answer_at
    assert not Mail.objects.outbound().filter(message=message).exists()  # it went out already
    assert not first.interaction.participants.filter(role="stranger").exists()


def test_what_a_colleague_sends_to_us_alone_is_a_note(assistance, bea):
    request()
    message = reply("bea@lumio.example", PROVEN, to="assistance@lumio.example").message
    assert (message.kind, message.customer_seq) == (Message.Kind.NOTE, None)


def test_who_only_says_to_be_a_colleague_says_nothing_to_customers(assistance, bea):
    request()
    forged = PROVEN.replace(b"mx.lumio.example", b"mx.evil.example")
    message = reply("bea@lumio.example", forged).message
    assert (message.kind, message.customer_seq) == (Message.Kind.NOTE, None)
    assert message.body["unproven"] is True


FORWARD = (
    "From: Bea <bea@lumio.example>\nTo: assistance@lumio.example\nSubject: TR: ma box\n"
    "Message-ID: <f1@lumio.example>\nContent-Type: text/plain; charset=utf-8\n\nVoir dessous.\n\n"
    "-----Message d'origine-----\nDe : Ada Lenoir <ada@lenoir.example>\nEnvoyé : hier\n"
    "À : Bea\nObjet : ma box\n\nMa box clignote.\n"
).encode()


def test_a_customers_mail_that_a_colleague_forwards_is_the_customers(assistance, bea, ada):
    mail = receiving.receive(PROVEN + FORWARD)
    assert mail.interaction.customer == ada
    assert Mail.objects.outbound().get().to == ["ada@lenoir.example"]


def test_a_forward_that_nothing_proves_is_the_senders_own(assistance, bea, ada):
    assert receiving.receive(FORWARD).interaction.customer != ada


def test_an_attached_mail_tells_who_wrote_it():
    raw = (
        b"From: b@x.example\nSubject: Fwd: box\n"
        b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\n"
        b"--c\nContent-Type: message/rfc822\n\nFrom: Ada <ada@lenoir.example>\n\nBonjour\n--c--\n"
    )
    assert parse(raw).forwarded_from == ("Ada", "ada@lenoir.example")


@pytest.mark.parametrize(
    "head",
    [b"X-Spam-Flag: YES\n", b"X-Spam-Status: Yes, score=9.1\n", b"X-Rspamd-Action: add header\n"],
)
def test_what_the_filter_calls_spam_opens_nothing_and_is_not_answered(assistance, head):
    mail = receiving.receive(head + letter("request", id="r1"))
    assert (mail.state, mail.verdict) == (State.SET_ASIDE, "spam")
    assert not Interaction.objects.exists()
    assert not Mail.objects.outbound().exists()


def test_the_senders_list_goes_before_the_filter_and_an_address_before_its_domain(assistance):
    SenderRule.objects.create(pattern="@lenoir.example", action="block")
    assert receiving.receive(letter("request", id="r1")).verdict == "spam"
    SenderRule.objects.create(pattern="ada@lenoir.example", action="allow")
    mail = receiving.receive(b"X-Spam-Flag: YES\n" + letter("request", id="r2"))
    assert mail.state == State.FILED


def test_spam_by_hand_closes_the_request_and_keeps_its_sender_out(assistance, mia):
    mail = request()
    spam.mark(mail, by=mia)
    mail.refresh_from_db()
    assert (mail.interaction.status, mail.interaction.outcome) == ("closed", "spam")
    assert receiving.receive(letter("request", id="r2")).state == State.SET_ASIDE


def test_what_was_no_spam_is_filed_after_all(assistance, mia):
    mail = receiving.receive(b"X-Spam-Flag: YES\n" + letter("request", id="r1"))
    assert spam.let_in(mail, by=mia)
    mail.refresh_from_db()
    assert mail.state == State.FILED
    assert Customer.objects.get().identities.get().value == "ada@lenoir.example"
    assert not spam.let_in(mail, by=mia)


def test_a_blocked_customers_mail_can_be_let_in_by_hand(assistance, mia):
    mail = request()
    interactions.close(mail.interaction, outcome="solved")
    end = clock.now() + timedelta(days=1)
    blocks.block(mail.interaction.customer, reason="Menaces", until=end, by=mia)
    again = receiving.receive(letter("request", id="r2"), ["assistance@lumio.example"])
    assert again.why == "blocked customer"
    assert spam.let_in(again, by=mia)
    again.refresh_from_db()
    assert again.state == State.FILED


def test_the_signs_of_somebody_who_pretends():
    from tickets.mail import signs

    plain = {
        "from_name": "Ada Lenoir",
        "from_email": "ada@lenoir.example",
        "reply_to": "post@mail.lenoir.example",
        "html": '<a href="https://shop.example/a">shop.example</a> <a href="https://x.test">hier</a>',
        "authentication": {"spf": "pass", "dmarc": "pass"},
    }
    assert signs.of(**plain) == []
    pretended = {
        "from_name": "conseiller@banque.example",
        "reply_to": "a@elsewhere.example",
        "html": '<a href="https://evil.example/b"><b>www.banque.example</b></a>',
        "authentication": {"dmarc": "fail"},
    }
    for (name, value), code in zip(
        pretended.items(), ["other_name", "other_reply", "other_link", "unproven"], strict=True
    ):
        assert signs.of(**{**plain, name: value}) == [code]
