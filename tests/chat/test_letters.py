"""A chat by mail: on request, and after its customer has gone; an answer comes back into it."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from chat.services import addresses, letters, tokens
from crm import clock
from crm.models import Interaction, Message
from crm.services import interactions, limits, posting
from tickets.models import Mail, Mailbox
from tickets.services import receiving

pytestmark = pytest.mark.django_db

ADA = "ada@lenoir.example"


@pytest.fixture(autouse=True)
def _mailbox(settings, tmp_path, box_queue, monkeypatch):
    from tickets import receivers

    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(receivers, "_nudge", lambda task, *arguments: None)
    Mailbox.objects.create(address="assistance@lumio.example", name="Lumio", queue=box_queue)


@pytest.fixture
def says(chat, bea):
    """Bea says it: `says("text")`."""
    return lambda text: posting.post(
        chat.interaction, author=Message.Author.AGENT, agent=bea, text=text
    )


def later(minutes=4):
    return clock.now() + timedelta(minutes=minutes)


def sent() -> list[str]:
    return list(Mail.objects.outbound().order_by("pk").values_list("text", flat=True))


def test_the_visitor_asks_for_the_conversation_by_mail(ask, chat, says):
    says("Tenez Accueil et OK.")
    token = tokens.for_chat(chat)
    assert ask("transcript", token=token, mail="Ada@Lenoir.example")[1] == {"mail": ADA}
    mail = Mail.objects.outbound().get()
    assert mail.to == [ADA]
    assert "Bonjour" in mail.text
    assert "Tenez Accueil et OK." in mail.text
    assert chat.interaction.reference in mail.subject


@pytest.mark.parametrize("mail", ["", "ada", "a@b\n@c", 7])
def test_what_is_no_address_is_refused(ask, chat, mail):
    assert ask("transcript", token=tokens.for_chat(chat), mail=mail)[0] == 400


def test_nobodys_mailbox_is_filled(ask, chat):
    limits.forget()
    token = tokens.for_chat(chat)
    answers = [ask("transcript", token=token, mail=f"m{n}@evil.example")[0] for n in range(4)]
    assert answers == [200, 200, 200, 429]
    assert ask("transcript", token="forged", mail=ADA)[0] == 403


def test_who_has_gone_gets_the_lines_once_and_only_those_not_read(chat, says):
    addresses.give(chat.interaction, ADA)
    read = says("Lu dans la fenêtre")
    posting.mark_read(chat.pk, read.customer_seq, customer_id=chat.interaction.customer_id)
    says("Après le départ")
    assert letters.sweep(clock.now()) == 0  # perhaps they are only looking elsewhere
    assert letters.sweep(later()) == 1
    assert letters.sweep(later()) == 0
    (text,) = sent()
    assert "Après le départ" in text
    assert "Lu dans la fenêtre" not in text
    says("Encore")
    assert letters.sweep(later(8)) == 1
    assert "Après le départ" not in sent()[1]


def test_without_an_address_of_theirs_nothing_is_sent(chat, says, ada):
    says("Bonjour")
    assert letters.sweep(later()) == 0
    # a record's address is theirs only once they are proven to be who the record is
    row = Interaction.objects.filter(pk=chat.pk)
    row.update(customer=ada)
    assert letters.sweep(later()) == 0
    row.update(verified_at=clock.now())
    assert letters.sweep(later()) == 1


def test_an_answer_to_that_mail_is_a_line_of_the_same_chat(chat, says, ask, bea):
    addresses.give(chat.interaction, ADA)
    says("Tenez Accueil et OK.")
    letters.sweep(later())
    ours = Mail.objects.outbound().get()
    interactions.close(chat.interaction, by=bea, outcome="solved")
    answer = EmailMessage()
    answer["From"], answer["To"] = f"Ada <{ADA}>", ours.reply_to
    answer["Subject"], answer["Message-ID"] = f"Re: {ours.subject}", "<a1@mail.example>"
    answer["In-Reply-To"] = f"<{ours.header_id}>"
    answer.set_content("Ça marche, merci")
    for _delivery in range(2):  # mail servers repeat themselves
        receiving.receive(answer.as_bytes(), [ours.reply_to])
    frames = ask("lines", token=tokens.for_chat(chat), after=0)[1]["frames"]
    said = [f["m"]["text"] for f in frames if f["m"]["kind"] == "text"]
    assert said == ["Bonjour", "Tenez Accueil et OK.", "Ça marche, merci"]
    chat.interaction.refresh_from_db()
    assert chat.interaction.status != "closed"
    assert chat.interaction.messages.filter(author="customer").last().text == "Ça marche, merci"


def test_the_desk_reads_that_it_was_sent_by_mail_and_the_customer_does_not(chat, says):
    addresses.give(chat.interaction, ADA)
    says("Bonjour")
    letters.sweep(later())
    event = chat.interaction.messages.get(body__event="mailed")
    assert event.customer_seq is None


def test_a_colleagues_address_is_never_taken_over(chat):
    chat.interaction.participants.create(role="copy", address=ADA)
    addresses.give(chat.interaction, ADA)
    assert addresses.of(chat.interaction) == ""
