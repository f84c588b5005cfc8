"""Every mail in, once, on the right request."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from crm import clock
from crm.models import Customer, Identity, Interaction, Message, Participant, Status
from crm.services import blocks, interactions, posting
from tests.tickets.conftest import letter
from tickets.mail import store, tokens
from tickets.models import Mail, Ticket
from tickets.services import filing, receiving

State = Mail.State
pytestmark = pytest.mark.django_db


def request(number: str = "r1") -> Mail:
    return receiving.receive(letter("request", id=number), ["assistance@lumio.example"])


def reply(
    number="a1", sender="ada@lenoir.example", to="assistance@lumio.example", headers="X-A: 1"
):
    raw = letter("reply", id=number, to=to, headers=headers, **{"from": sender})
    return receiving.receive(raw, [to])


def answer(interaction: Interaction, bea) -> Mail:
    interaction.refresh_from_db()
    if interaction.status == Status.WAITING:
        interactions.take(interaction.pk, bea)
    message = posting.post(
        interaction, author=Message.Author.AGENT, agent=bea, text="Retirez les piles."
    )
    return Mail.objects.get(message=message)


def test_one_mail_makes_one_request_and_its_sender_one_customer(assistance):
    mail = request()
    assert mail.state == State.FILED
    interaction = mail.interaction
    assert interaction.channel == "mail"
    assert interaction.queue == assistance.queue
    assert interaction.title == "Ma télécommande ne répond plus"
    assert str(interaction.customer) == "Ada Lénoir"
    assert interaction.ticket.mailbox == assistance
    assert mail.message.text.startswith("Bonjour,\n\nMa télécommande")
    assert mail.message.author == Message.Author.CUSTOMER


def test_the_source_is_kept_byte_for_byte(assistance):
    assert store.get(request().source) == letter("request", id="r1")


def test_a_second_delivery_of_the_same_mail_changes_nothing(assistance):
    request()
    again = receiving.receive(b"Received: by another way\n" + letter("request", id="r1"))
    assert again.state == State.DUPLICATE
    assert Ticket.objects.count() == Message.objects.filter(kind="text").count() == 1
    assert Mail.objects.outbound().count() == 1


def test_the_same_message_id_with_other_words_is_a_mail_of_its_own(assistance):
    request()
    other = receiving.receive(letter("request", id="r1").replace(b"depuis hier", b"depuis lundi"))
    assert other.state == State.FILED
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    "way", ["in reply to", "references only", "reply to our answer", "address"]
)
def test_a_reply_joins_its_request_whatever_its_subject_says(assistance, bea, way):
    first = request()
    ours = answer(first.interaction, bea)
    heads = {
        "in reply to": "In-Reply-To: <r1@example.test>",
        "references only": "References: <r1@example.test> <unknown@elsewhere.test>",
        "reply to our answer": f"In-Reply-To: <{ours.header_id}>",
        "address": "X-No-Thread: 1",
    }
    to = ours.reply_to if way == "address" else "assistance@lumio.example"
    second = reply(headers=heads[way], to=to)
    assert second.interaction == first.interaction
    assert second.message.text == "Merci, cela marche."
    assert second.message.body["folded"] is True
    assert Ticket.objects.count() == 1


def test_a_reply_opens_what_was_closed(assistance, bea):
    first = request()
    answer(first.interaction, bea)
    interactions.close(first.interaction, by=bea, outcome=Interaction.Outcome.SOLVED)
    reply(headers="In-Reply-To: <r1@example.test>")
    first.interaction.refresh_from_db()
    assert first.interaction.status == Status.WAITING
    assert first.interaction.reopened == 1


def test_a_blocked_customers_mail_opens_nothing_and_waits_beside(assistance, bea, mia):
    first = request().interaction
    interactions.take(first.pk, bea)
    until = clock.now() + timedelta(days=30)
    blocks.block(first.customer, reason="Menaces répétées", until=until, by=mia)
    goes_on = reply("a0", headers="In-Reply-To: <r1@example.test>")
    interactions.close(first, by=bea, outcome="solved")
    again = reply("a1", headers="In-Reply-To: <r1@example.test>")
    new = request("r2")
    first.refresh_from_db()
    assert (goes_on.interaction, first.status) == (first, Status.CLOSED)
    assert {(mail.state, mail.why) for mail in (again, new)} == {
        (State.SET_ASIDE, "blocked customer")
    }
    assert Interaction.objects.count() == 1


def test_a_parent_that_comes_after_its_answer_joins_it(assistance):
    second = reply(headers="In-Reply-To: <r1@example.test>")
    assert request("r1").interaction == second.interaction


def test_a_late_parent_joins_an_answer_that_names_it_last_of_its_references(assistance):
    second = reply(headers="References: <r0@example.test> <r1@example.test>")
    assert request("r1").interaction == second.interaction
    assert Ticket.objects.count() == 1


def test_a_stranger_on_a_known_thread_is_attached_and_marked_and_never_the_customer(
    assistance, ada, mallory
):
    first = request()
    second = reply(sender="mallory@evil.example", headers="In-Reply-To: <r1@example.test>")
    assert second.interaction == first.interaction
    assert second.message.body["stranger"] is True
    assert second.message.customer_seq is None
    interaction = Interaction.objects.get(pk=first.interaction_id)
    assert interaction.customer == ada
    marked = interaction.participants.get(address="mallory@evil.example")
    assert marked.role == Participant.Role.STRANGER


def test_the_answer_goes_to_the_customer_even_after_a_stranger_wrote(assistance, ada, bea):
    first = request()
    reply(sender="mallory@evil.example", headers="In-Reply-To: <r1@example.test>")
    assert answer(first.interaction, bea).to == ["ada@lenoir.example"]


def test_a_guessed_address_joins_nothing(assistance):
    first = request()
    to = f"assistance+{first.interaction_id}-{'0' * 20}@lumio.example"
    assert reply(to=to, sender="mallory@evil.example").interaction != first.interaction
    assert tokens.interaction_of(f"b.{first.interaction_id}.{'0' * 20}.{'0' * 20}@x") is None


@pytest.mark.parametrize(
    ("sender", "joins"), [("ada@lenoir.example", True), ("m@evil.example", False)]
)
def test_the_reference_in_a_subject_counts_from_who_takes_part_only(assistance, sender, joins):
    first = request()
    raw = f"From: {sender}\nSubject: Re: [{first.interaction.reference}] box\n\nEncore".encode()
    assert (receiving.receive(raw).interaction == first.interaction) == joins


def test_the_same_subject_alone_joins_nothing(assistance):
    first = request()
    raw = f"From: ada@lenoir.example\nSubject: Re: {first.subject}\n\nEncore".encode()
    assert receiving.receive(raw).interaction != first.interaction


def test_an_answer_to_a_chats_mail_comes_back_into_that_chat(assistance, ada, box_queue):
    chat = interactions.open("chat", ada, queue=box_queue)
    second = reply(to=tokens.reply_address(assistance.address, chat.pk))
    assert second.interaction == chat
    assert not Ticket.objects.exists()


def test_an_absence_note_answers_nothing_and_reopens_nothing(assistance, bea):
    first = request()
    ours = answer(first.interaction, bea)
    interactions.close(first.interaction, by=bea, outcome=Interaction.Outcome.SOLVED)
    before = Mail.objects.outbound().count()
    note = receiving.receive(letter("absence", id="o1", to=ours.reply_to), [ours.reply_to])
    assert note.interaction == first.interaction
    assert note.message.kind == Message.Kind.NOTE
    assert Interaction.objects.get(pk=first.interaction_id).status == Status.CLOSED
    assert Mail.objects.outbound().count() == before


def test_an_absence_note_without_a_thread_opens_no_request(assistance):
    note = receiving.receive(letter("absence", id="o1", to="assistance@lumio.example"))
    assert note.state == State.SET_ASIDE
    assert not Interaction.objects.exists()
    assert not Mail.objects.outbound().exists()


def test_a_bounce_marks_the_mail_it_is_about_and_opens_nothing(assistance, bea):
    first = request()
    ours = answer(first.interaction, bea)
    bounce = receiving.receive(letter("bounce", id="b1", about=ours.header_id))
    ours.refresh_from_db()
    assert ours.state == State.BOUNCED
    assert bounce.message.body["event"] == "mail_bounced"
    assert bounce.message.body["address"] == "ada@lenoir.example"
    assert Ticket.objects.count() == 1


def test_a_mail_from_our_own_address_is_a_loop(assistance):
    raw = letter("request", id="r1").replace(b"<ada@lenoir.example>", b"<assistance@lumio.example>")
    assert receiving.receive(raw).state == State.SET_ASIDE
    assert not Interaction.objects.exists()


def test_a_mail_without_a_sender_waits_in_the_quarantine_with_its_reason(assistance):
    mail = receiving.receive(b"Subject: x\n\nhello")
    assert (mail.state, mail.error) == (State.QUARANTINED, "no sender")


def test_what_fails_goes_to_the_quarantine_and_can_be_tried_again(assistance, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as fault:
        fault.setattr(filing.interactions, "open_many", broken)
        mail = request()
    assert mail.state == State.QUARANTINED
    assert "a fault of ours" in mail.error
    assert not Customer.objects.exists()
    assert receiving.retry(mail)
    mail.refresh_from_db()
    assert mail.state == State.FILED
    assert not receiving.retry(mail)


def test_one_bad_mail_in_a_batch_is_set_aside_and_the_others_are_filed(assistance, monkeypatch):
    def read(mail, raw=None, plain=filing.read):
        letter = plain(mail, raw)
        if letter.parsed.message_id.startswith("r5@"):
            raise RuntimeError("a fault of ours")
        return letter

    monkeypatch.setattr(filing, "read", read)
    raws = [letter("request", id=f"r{number}") for number in range(9)]
    stored = receiving.store_many(raws, [assistance.address])
    filed = receiving.file_new(list(zip(stored, raws, strict=True)))
    assert [mail.state for mail in filed] == [State.FILED] * 5 + [State.QUARANTINED] + [
        State.FILED
    ] * 3
    assert [mail.pk for mail in filed] == [mail.pk for mail in stored]
    assert Ticket.objects.count() == 8


def test_a_mail_whose_process_died_after_storing_is_filed_by_the_sweep(assistance):
    mail = receiving.store(letter("request", id="r1"), ["assistance@lumio.example"])
    assert receiving.sweep() == 0  # somebody may be filing it right now
    assert receiving.sweep(before=clock.wall() + timedelta(seconds=1)) == 1
    mail.refresh_from_db()
    assert mail.state == State.FILED


def test_a_mail_that_kills_its_process_again_and_again_is_set_aside(assistance):
    mail = receiving.store(letter("request", id="r1"))
    Mail.objects.filter(pk=mail.pk).update(attempts=receiving.TRIES)
    assert receiving.file(mail.pk).state == State.QUARANTINED


def test_files_come_with_the_message(assistance):
    raw = letter("request", id="r1").replace(
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
        b'Content-Type: multipart/mixed; boundary="m"\n\n--m\n\nBonjour,\n'
        b"--m\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="../photo.png"\n\niVBORw0KGgo=\n--m--\n',
    )
    file = receiving.receive(raw).message.attachments.get()
    assert (file.name, file.size) == ("photo.png", 8)
    with file.file.open() as stored:
        assert stored.read() == b"\x89PNG\r\n\x1a\n"


@pytest.mark.django_db(transaction=True)
def test_the_first_mails_of_one_sender_at_once_make_one_customer(assistance):
    def come(number: int) -> str:
        try:
            return request(f"r{number}").state
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(come, [1, 2, 3, 1, 2, 3]))
    assert sorted(states) == [State.DUPLICATE] * 3 + [State.FILED] * 3
    assert Identity.objects.filter(value="ada@lenoir.example").count() == 1
    assert Customer.objects.count() == 1
    assert Ticket.objects.count() == 3
