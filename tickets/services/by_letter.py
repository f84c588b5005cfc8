"""What mail offers the kernel beyond handing a message over (crm.registry.Letters)."""

from collections.abc import Sequence
from email.utils import formataddr

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Interaction, Message, User
from tickets.mail import compose, tokens
from tickets.models import Mail, Mailbox, Ticket
from tickets.services import mailboxes, outbox, rendering, sending, spam, threads

_QUOTED = 20_000  # characters of what is forwarded


def envelope(interaction: Interaction) -> dict[str, list[str]]:
    """An answer goes to whom the customer wrote from last, and to all whom they copied then."""
    to = outbox.answer_address(interaction)
    last = _last_of_customer(interaction)
    left_out = set(Mailbox.objects.values_list("address", flat=True)) | {to}
    copied = [*last.cc, *last.to] if last else []
    cc = [each for each in copied if _without_token(each) not in left_out]
    return {"to": [to] if to else [], "cc": list(dict.fromkeys(cc))}


def _without_token(address: str) -> str:
    token = tokens.read_address(address)
    return token[0] if token else address


def _last_of_customer(interaction: Interaction) -> Mail | None:
    received = Mail.objects.inbound().filter(interaction=interaction, state=Mail.State.FILED)
    for mail in received.filter(verdict="accept").order_by("-pk")[:10]:
        if threads.takes_part(interaction, mail.from_email):
            return mail
    return None


def preview(interaction: Interaction, message: Message) -> tuple[str, str]:
    subject, _text, html = rendering.answer(interaction, message, mailboxes.answering(interaction))
    return subject, html


def send_again(message: Message) -> bool:
    mail = Mail.objects.outbound().filter(message=message).first()
    return mail is not None and sending.retry(mail)


def forward(interaction: Interaction, note: Message) -> None:
    """A mail that begins a thread of its own: the customer's stays theirs."""
    mailbox = mailboxes.answering(interaction)
    mail = outbox.row(f"message:{note.pk}", interaction, mailbox, "")
    mail.to = note.body["forward"]
    with translation.override(interaction.language):
        title = compose.one_line(interaction.title, 200) or _("Your request")
        passed = [_passed_on(one) for one in _of(note)]
    mail.subject = compose.one_line(f"Fwd: {title} [{interaction.reference}]")
    mail.text = "\n\n".join(part for part in (note.text, *passed) if part)[:_QUOTED] + "\n"
    mail.language, mail.size = interaction.language, len(mail.text)
    mail.message = note
    mail.next_try_at = mail.next_try_at and mail.next_try_at + outbox.HOLD
    outbox.write_once(mail)
    outbox.tell(mail, note)


def _of(note: Message) -> list[Message]:
    keys = note.body.get("of", [])
    return list(Message.objects.filter(pk__in=keys, interaction=note.interaction).order_by("pk"))


def _passed_on(message: Message) -> str:
    """As mail programs write it, so that they show who said it and when."""
    mail = Mail.objects.filter(message=message).first()
    name = str(message.agent or message.interaction.customer)
    who = formataddr((mail.from_name or name, mail.from_email)) if mail else name
    at = date_format(localtime(message.created_at), "DATETIME_FORMAT")
    head = ["---------- " + _("Forwarded message") + " ----------", _("From: %s") % who]
    head.append(_("Date: %s") % at)
    if mail and mail.subject:
        head.append(_("Subject: %s") % mail.subject)
    return "\n".join([*head, "", message.text])


def split(new: Interaction, source: Interaction) -> None:
    ticket = Ticket.objects.filter(interaction=source).select_related("mailbox").first()
    Ticket.objects.create(interaction=new, mailbox=ticket.mailbox if ticket else None)


def moved(keys: Sequence[int], to: Interaction) -> None:
    """Their mails go with them: what answers one of those finds the new place."""
    Mail.objects.filter(message__in=keys).update(interaction=to)


def keep_out(interaction: Interaction, by: User) -> bool:
    mail = Mail.objects.inbound().filter(interaction=interaction, verdict="accept").last()
    return mail is not None and spam.mark(mail, by=by)


LETTERS = registry.Letters(
    hold_seconds=int(outbox.HOLD.total_seconds()),
    envelope=envelope,
    preview=preview,
    call_back=outbox.call_back,
    send_again=send_again,
    forward=forward,
    split=split,
    moved=moved,
    spam=keep_out,
)
