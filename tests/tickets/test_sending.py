"""Every mail out, once."""

import email
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import policy

import pytest
from django.db import connections, transaction

from crm import clock, registry
from crm.models import Message
from crm.services import interactions, posting
from tests.tickets.conftest import letter
from tickets.mail import send as wire
from tickets.models import Mail
from tickets.services import outbox, receiving, sending

State = Mail.State
pytestmark = pytest.mark.django_db


def notify(key="k1", address="ada@lenoir.example", **kwargs) -> None:
    context = {"name": "Ada", "reference": "2611-0042", "title": "Box"}
    registry.notify(address, "tickets/mail/acknowledgement", context, "fr", key, **kwargs)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody thinks again here: answers leave without their seconds of grace."""
    monkeypatch.setattr(outbox, "HOLD", timedelta(0))


@pytest.fixture
def request_of_ada(assistance, bea):
    mail = receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"])
    interactions.take(mail.interaction_id, bea)
    return mail.interaction


def read(raw: bytes):
    return email.message_from_bytes(raw, policy=policy.default)


def make_due() -> None:
    Mail.objects.filter(state=State.RETRY).update(next_try_at=clock.wall())


def test_an_answer_leaves_as_a_proper_mail(request_of_ada, bea, sink):
    sending.sweep()
    posting.post(
        request_of_ada, author=Message.Author.AGENT, agent=bea, text="Retirez les piles.\nBravo."
    )
    sending.sweep()
    assert len(sink.mails) == 2  # the acknowledgement and the answer
    recipients, raw = sink.mails[1]
    mail = read(raw)
    assert recipients == ["ada@lenoir.example"]
    assert mail["From"].addresses[0].addr_spec == "assistance@lumio.example"
    assert mail["In-Reply-To"] == "<r1@example.test>"
    assert "<r1@example.test>" in mail["References"]
    assert f"assistance+{request_of_ada.pk}-" in mail["Reply-To"]
    assert request_of_ada.reference in mail["Subject"]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Retirez les piles.\nBravo.\n\nBea\nLe service client Lumio" in text
    assert "> Ma télécommande ne répond plus depuis hier, que faire ?" in text
    assert "Retirez les piles.<br>\r\nBravo." in mail.get_body(("html",)).get_content()


def test_a_reply_to_our_answer_holds_only_what_is_new(request_of_ada, bea, sink):
    from tickets.mail.parse import parse

    posting.post(request_of_ada, author=Message.Author.AGENT, agent=bea, text="Retirez les piles.")
    ours = Mail.objects.outbound().latest("pk")
    quoted = "\n".join(f"> {line}" for line in ours.text.splitlines())
    raw = f"From: ada@lenoir.example\nSubject: Re\n\nMerci\n\nOn 22 Nov, Bea wrote:\n\n{quoted}\n"
    assert parse(raw.encode()).reply_text == "Merci"


def test_the_acknowledgement_names_the_request_and_goes_out_once(request_of_ada, sink):
    sending.sweep()
    sending.sweep()
    assert len(sink.mails) == 1
    mail = read(sink.mails[0][1])
    assert request_of_ada.reference in mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    page = mail.get_body(("html",)).get_content()
    assert request_of_ada.reference in page
    assert 'lang="fr"' in page


def test_a_mailbox_may_send_under_another_address_and_is_answered_at_its_own(assistance, bea, sink):
    assistance.from_address = "Bonjour@lumio.example"
    assistance.save()
    first = receiving.receive(letter("request", id="r1"), [assistance.address])
    sending.sweep()
    mail = read(sink.mails[0][1])
    assert mail["From"].addresses[0].addr_spec == "bonjour@lumio.example"
    assert mail["Reply-To"].addresses[0].addr_spec.startswith("assistance+")
    written = b"From: ada@lenoir.example\nTo: bonjour@lumio.example\nMessage-ID: <r2@x>\n\nEncore"
    assert receiving.receive(written).mailbox == assistance
    ours = b"From: bonjour@lumio.example\nTo: a@x.example\nMessage-ID: <r3@x>\n\nBoucle"
    assert receiving.receive(ours).verdict == "loop"
    assert receiving.receive(sink.mails[0][1]).verdict == "loop"
    assert first.interaction.mails.outbound().count() == 1


def test_a_mail_that_can_be_declined_says_how(assistance, sink):
    notify(unsubscribe_url="https://help.lumio.example/stop/1")
    notify("k2")
    sending.sweep()
    declined, plain = (read(raw) for _to, raw in sink.mails)
    assert declined["List-Unsubscribe"] == "<https://help.lumio.example/stop/1>"
    assert declined["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain["List-Unsubscribe"] is None


def test_one_address_gets_five_acknowledgements_a_day_at_most(assistance):
    for number in range(8):
        receiving.receive(letter("request", id=f"r{number}"), ["assistance@lumio.example"])
    assert Mail.objects.outbound().count() == 5


def test_the_notifier_writes_one_mail_per_key(assistance):
    notify()
    notify()
    assert Mail.objects.outbound().count() == 1


def test_what_the_caller_takes_back_is_not_sent(assistance, sink):
    with transaction.atomic():
        notify()
        transaction.set_rollback(True)
    sending.sweep()
    assert not sink.mails


def test_a_subject_with_a_line_break_adds_no_header(assistance, sink):
    registry.notify(
        "ada@lenoir.example",
        "tickets/mail/acknowledgement",
        {"reference": "1\r\nBcc: victim@evil.example", "title": "x"},
        "en",
        "k2",
    )
    sending.sweep()
    assert read(sink.mails[0][1])["Bcc"] is None


def test_a_server_that_is_away_is_tried_again_later_and_then_given_up_visibly(
    request_of_ada, bea, settings
):
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    Mail.objects.outbound().delete()
    posting.post(request_of_ada, author=Message.Author.AGENT, agent=bea, text="Bonjour")
    mail = Mail.objects.outbound().get()
    assert sending.send(mail.pk) == State.RETRY
    assert sending.send(mail.pk) is None  # not due yet
    for _try in sending.DELAYS["away"]:
        make_due()
        sending.send(mail.pk)
    mail.refresh_from_db()
    assert mail.state == State.FAILED
    assert "Refused" in mail.error
    shown = request_of_ada.messages.get(kind="event", body__event="mail_failed")
    assert shown.customer_seq is None
    assert sending.retry(mail)


def test_a_refusal_for_good_is_not_tried_again(request_of_ada, sink):
    sink.answer = "550 no such user"
    sending.sweep()
    assert Mail.objects.outbound().get().state == State.FAILED


def test_a_refusal_for_now_is_tried_again(request_of_ada, sink):
    sink.answer = "451 greylisted"
    sending.sweep()
    assert Mail.objects.outbound().get().state == State.RETRY
    sink.answer = "250 OK"
    make_due()
    sending.sweep()
    assert Mail.objects.outbound().get().state == State.SENT


def test_a_sender_killed_before_its_record_sends_at_most_one_more_copy_of_the_same_id(
    assistance, sink, monkeypatch
):
    notify()
    mail = Mail.objects.outbound().get()

    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_record", die)
        with pytest.raises(Killed):
            sending.send(mail.pk)
    assert sending.sweep() == 0  # its sender might still live
    Mail.objects.update(claimed_at=clock.wall() - sending.STUCK - timedelta(seconds=1))
    sending.sweep()
    sending.sweep()
    mail.refresh_from_db()
    assert (mail.state, mail.maybe_twice) == (State.SENT, True)
    assert len(sink.mails) == 2
    assert len({read(raw)["Message-ID"] for _to, raw in sink.mails}) == 1


@pytest.mark.django_db(transaction=True)
def test_ten_senders_at_once_send_one_mail(assistance, sink):
    notify()
    key = Mail.objects.get().pk

    def one(_number):
        try:
            return sending.send(key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(one, range(10)))
    assert results.count(State.SENT) == 1
    assert len(sink.mails) == 1


def test_a_row_that_makes_no_mail_fails_and_the_next_goes_out(assistance, sink, monkeypatch):
    notify("k1", "not an address\n")
    notify("k2")
    sending.sweep()
    assert len(sink.mails) >= 1
    assert not Mail.objects.outbound().filter(state=State.IN_FLIGHT).exists()


def test_wrong_credentials_are_no_reason_to_give_a_mail_up():
    assert wire._judge(535, b"bad login").kind == "later"
