"""What an agent writes: copies, files, pictures in the text, called back in time, forwarded."""

import email
from datetime import timedelta
from email import policy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import clock
from crm.models import Attachment, Message, Participant, Status
from crm.services import answering, files, interactions, posting
from tests.tickets.conftest import letter
from tickets.models import Mail
from tickets.services import outbox, receiving, sending

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@pytest.fixture
def request_of_ada(assistance, bea):
    mail = receiving.receive(letter("request", id="r1"), ["assistance@lumio.example"])
    interactions.take(mail.interaction_id, bea)
    Mail.objects.outbound().delete()  # the acknowledgement is another story
    mail.interaction.refresh_from_db()
    return mail.interaction


def file(name="reçu.pdf", content=b"%PDF-1.4 x"):
    return SimpleUploadedFile(name, content)


def answer(row, agent, text="Bonjour Ada, voici.", **given) -> Message:
    return answering.answer(row, agent=agent, text=text, client_id="a1", **given)


def leave() -> None:
    """The seconds in which it could be called back are over."""
    Mail.objects.update(next_try_at=clock.wall())
    sending.sweep()


def read(sink, number=-1):
    return email.message_from_bytes(sink.mails[number][1], policy=policy.default)


def test_copies_and_files_go_along_and_blind_copies_are_named_nowhere(request_of_ada, bea, sink):
    attached = answering.check_files([file(), file("photo.png", PICTURE)])
    answer(
        request_of_ada, bea, "Voici **la facture** :\n\n![](photo.png)\n- un\n- deux",
        cc=["partner@lenoir.example"], bcc=["chef@lumio.example"], attached=attached,
    )  # fmt: skip
    leave()
    recipients, raw = sink.mails[0]
    assert recipients == ["ada@lenoir.example", "partner@lenoir.example", "chef@lumio.example"]
    assert b"chef@lumio.example" not in raw
    mail = read(sink)
    assert mail["Cc"] == "partner@lenoir.example"
    html = mail.get_body(("html",)).get_content()
    assert "<strong>la facture</strong>" in html
    assert "<li>un</li>" in html
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert picture.get_content() == PICTURE
    assert [part.get_filename() for part in mail.iter_attachments()] == ["reçu.pdf"]
    assert "[photo.png]" in mail.get_body(("plain",)).get_content()


def test_the_same_row_makes_the_same_bytes(request_of_ada, bea, sink):
    answer(request_of_ada, bea, attached=answering.check_files([file()]))
    leave()
    Mail.objects.outbound().update(state=Mail.State.QUEUED)
    leave()
    assert sink.mails[0] == sink.mails[1]


def test_whoever_was_copied_is_no_stranger_when_they_answer(request_of_ada, bea):
    answer(request_of_ada, bea, cc=["partner@lenoir.example"])
    ours = Mail.objects.outbound().get()
    raw = (
        f"From: partner@lenoir.example\nTo: {ours.reply_to}\nMessage-ID: <p1@x>\n"
        f"In-Reply-To: <{ours.header_id}>\nSubject: Re\n\nD'accord.\n"
    )
    mail = receiving.receive(raw.encode(), ["assistance@lumio.example"])
    assert mail.interaction == request_of_ada
    assert "stranger" not in mail.message.body
    role = request_of_ada.participants.get(address="partner@lenoir.example").role
    assert role == Participant.Role.COPY


def test_an_answer_is_called_back_before_it_leaves_and_not_after(request_of_ada, bea, carl, sink):
    said = answer(request_of_ada, bea)
    interactions.wait_for_customer(request_of_ada, by=bea)
    sending.sweep()
    assert not sink.mails  # it has its seconds
    with pytest.raises(answering.TooLate):
        answering.call_back(said, by=carl)
    answering.call_back(said, by=bea)
    request_of_ada.refresh_from_db()
    assert request_of_ada.status == Status.ACTIVE
    assert request_of_ada.first_answer_at is None
    assert request_of_ada.last_agent_at is None
    leave()
    assert not sink.mails
    later = answering.answer(request_of_ada, agent=bea, text="Mieux.", client_id="a2")
    leave()
    assert len(sink.mails) == 1
    with pytest.raises(answering.TooLate):
        answering.call_back(later, by=bea)


def test_send_and_close_called_back_is_open_as_before(request_of_ada, bea):
    said = answer(request_of_ada, bea)
    interactions.close(request_of_ada, by=bea, outcome="solved")
    answering.call_back(said, by=bea)
    request_of_ada.refresh_from_db()
    assert (request_of_ada.status, request_of_ada.reopened) == (Status.ACTIVE, 0)
    assert request_of_ada.agent == bea


def test_what_became_of_it_stands_on_the_message(request_of_ada, bea, sink):
    said = answer(request_of_ada, bea)
    assert Message.objects.get(pk=said.pk).body["delivery"]["state"] == "queued"
    sink.answer = "550 no such user"
    leave()
    body = Message.objects.get(pk=said.pk).body
    assert (body["delivery"]["state"], body["delivery"]["error"]) == ("failed", "550 no such user")
    sink.answer = "250 OK"
    assert sending.retry(Mail.objects.get(pk=body["mail"]))
    sending.sweep()
    delivery = Message.objects.get(pk=said.pk).body["delivery"]
    assert delivery["state"] == "sent"
    assert delivery["at"]


def test_forwarded_it_reaches_the_other_and_nothing_of_it_the_customer(request_of_ada, bea, sink):
    first = request_of_ada.messages.filter(kind="text").first()
    answering.forward(
        request_of_ada, by=bea, to=["atelier@partner.example"], text="Pouvez-vous voir ?",
        client_id="f1", messages=[first],
    )  # fmt: skip
    leave()
    recipients, _raw = sink.mails[0]
    mail = read(sink)
    text = mail.get_body(("plain",)).get_content()
    assert recipients == ["atelier@partner.example"]
    assert mail["In-Reply-To"] is None
    assert "Pouvez-vous voir ?" in text
    assert "Ma télécommande ne répond plus" in text
    ours = Mail.objects.outbound().get()
    raw = (
        f"From: atelier@partner.example\nTo: {ours.reply_to}\nMessage-ID: <f2@x>\n"
        f"In-Reply-To: <{ours.header_id}>\nSubject: Re\n\nOui, elle est morte.\n"
    )
    back = receiving.receive(raw.encode(), ["assistance@lumio.example"])
    assert back.interaction == request_of_ada
    assert back.message.body["stranger"]
    assert back.message.customer_seq is None
    assert outbox.answer_address(request_of_ada) == "ada@lenoir.example"
    answer(request_of_ada, bea)
    mine = Mail.objects.outbound().latest("pk")
    assert {ours.header_id, "f2@x"}.isdisjoint(mine.references)


def test_files_are_refused_by_kind_size_and_sum(monkeypatch):
    with pytest.raises(files.Refused, match="kind"):
        answering.check_files([file("prog.pdf", b"MZ\x90\x00\x03")])
    monkeypatch.setattr(answering, "MOST_BYTES", 15)
    with pytest.raises(files.Refused, match="too_much"):
        answering.check_files([file(), file()])
    assert not Attachment.objects.exists()


def test_what_is_no_address_is_refused_with_its_name():
    assert answering.addresses("A@x.example, b@y.example;a@x.example") == [
        "a@x.example", "b@y.example",
    ]  # fmt: skip
    with pytest.raises(answering.BadAddress, match="nobody"):
        answering.addresses("a@x.example nobody")


def test_a_mailbox_sends_no_more_a_minute_than_it_may(request_of_ada, assistance, bea, sink):
    assistance.per_minute = 1
    assistance.save()
    for number in range(2):
        answering.answer(request_of_ada, agent=bea, text="Bonjour", client_id=f"p{number}")
    leave()
    assert len(sink.mails) == 1
    waiting = Mail.objects.outbound().get(state=Mail.State.QUEUED)
    assert waiting.attempts == 0
    assert waiting.next_try_at > clock.wall()
    type(assistance).objects.update(minute=clock.wall() - timedelta(minutes=2))
    leave()
    assert len(sink.mails) == 2


def test_without_an_answer_it_closes_at_the_time_that_was_set(request_of_ada, bea):
    answer(request_of_ada, bea)
    until = clock.now() + timedelta(days=3)
    interactions.snooze(request_of_ada, by=bea, until=until, closes=True)
    assert interactions.wake_due(until) == 0
    assert interactions.close_unanswered(until - timedelta(minutes=1)) == 0
    assert interactions.close_unanswered(until) == 1
    request_of_ada.refresh_from_db()
    assert (request_of_ada.status, request_of_ada.outcome) == (Status.CLOSED, "silent")


def test_with_an_answer_it_does_not_close(request_of_ada, bea):
    answer(request_of_ada, bea)
    until = clock.now() + timedelta(days=3)
    interactions.snooze(request_of_ada, by=bea, until=until, closes=True)
    posting.post(request_of_ada, author=Message.Author.CUSTOMER, text="Encore moi")
    assert interactions.close_unanswered(until) == 0
