"""The outbox: rows written in the transaction of what they tell, rendered at once.

Provides the registry's notifier and the mail channel's `deliver`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from crm import clock, events
from crm.models import Interaction, Message
from crm.services import customers, rows
from tickets.events import outbox_filled
from tickets.mail import compose, tokens
from tickets.models import Mail, Mailbox
from tickets.services import mailboxes, reasons, rendering, threads, tracking

HOLD = timedelta(seconds=10)


def notify(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
    unsubscribe_url: str = "",
) -> None:
    """The registry's notifier: one mail per key, rendered now, sent after commit."""
    if Mail.objects.filter(key=key[:200]).exists():
        return
    mailbox = mailboxes.answering(interaction)
    mail = templated(address, template, context, language, key, interaction, mailbox)
    mail.unsubscribe_url = unsubscribe_url
    join_thread(mail, interaction)
    write_once(mail)


def templated(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None,
    mailbox: Mailbox | None,
) -> Mail:
    """The row, rendered and not yet written; it answers nothing until its caller says what."""
    subject, text, html = rendering.from_template(template, context, mailbox, language)
    mail = row(key[:200], interaction, mailbox, address)
    mail.subject, mail.text, mail.html = compose.one_line(subject), text, html
    mail.language, mail.template = language, template[:100]
    mail.size = len(text) + len(html)
    return mail


def deliver(interaction: Interaction, message: Message) -> None:
    """The mail channel's way to hand a message to the customer: an outbox row, same transaction.

    An agent's leaves some seconds later: until then its author may call it back. Nobody to write
    to (a customer without an address) leaves a failed row that the desk shows."""
    if message.kind not in {Message.Kind.TEXT, Message.Kind.CARD}:
        return
    address = answer_address(interaction)
    mailbox = mailboxes.answering(interaction)
    subject, text, html = rendering.answer(interaction, message, mailbox)
    mail = row(f"message:{message.pk}", interaction, mailbox, address)
    mail.subject, mail.text, mail.html = compose.one_line(subject), text, html
    mail.language, mail.size = interaction.language, len(text) + len(html)
    mail.cc, mail.bcc = message.body.get("cc", []), message.body.get("bcc", [])
    mail.message = message
    join_thread(mail, interaction)
    if message.author == Message.Author.AGENT:
        mail.next_try_at = clock.wall() + HOLD
    if not address:
        mail.state, mail.error = Mail.State.FAILED, reasons.NO_ADDRESS
    write_once(mail)
    tell(mail, message)


def tell(mail: Mail, message: Message) -> None:
    """A message that has just been stored says which mail carries it."""
    message.body |= {"mail": mail.pk, "delivery": tracking.told(mail)}
    message.save(update_fields=["body"])


def call_back(message: Message) -> bool:
    """Its author thinks again: it does not leave. False when it has left, or is leaving."""
    mine = Mail.objects.outbound().filter(message=message, state=Mail.State.QUEUED)
    return bool(mine.update(state=Mail.State.CALLED_BACK, next_try_at=None, message=None, key=None))


def answer_address(interaction: Interaction) -> str:
    """Where the customer wrote from last (strangers on the thread never count), else any address
    on their record."""
    for mail in (
        Mail.objects.inbound()
        .filter(interaction=interaction, state=Mail.State.FILED, verdict="accept")
        .order_by("-pk")[:10]
    ):
        if threads.takes_part(interaction, mail.from_email):
            return mail.reply_to or mail.from_email
        if mail.reply_to and threads.takes_part(interaction, mail.reply_to):
            return mail.reply_to  # a web form's mail
    return customers.mail_address(interaction.customer) or ""


def write(mails: Sequence[Mail]) -> None:
    """Rows whose keys are new for certain: their interactions were opened in this transaction."""
    rows.insert(mails)
    if any(mail.state == Mail.State.QUEUED for mail in mails):
        events.announce(outbox_filled)


def write_once(mail: Mail) -> None:
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return  # another process wrote that key: it is the same mail
    if mail.state == Mail.State.QUEUED:
        events.announce(outbox_filled, seconds=_seconds_until(mail.next_try_at))


def _seconds_until(moment: datetime | None) -> int:
    left = (moment - clock.wall()).total_seconds() if moment else 0
    return max(0, ceil(left))


def row(key: str, interaction: Interaction | None, mailbox: Mailbox | None, address: str) -> Mail:
    name, sender = compose.installation_sender()
    back = sender
    if mailbox:
        name, sender, back = mailbox.shown_name, mailbox.sender, mailbox.address
    number = interaction.pk if interaction else None
    return Mail(
        direction=Mail.Direction.OUT,
        state=Mail.State.QUEUED,
        key=key,
        interaction=interaction,
        mailbox=mailbox,
        to=[address] if address else [],
        from_email=sender,
        from_name=name,
        reply_to=tokens.reply_address(back, number) if number else "",
        header_id=tokens.message_id(number, key, compose.our_domain(sender)),
        created_at=clock.now(),
        next_try_at=clock.wall(),
    )


def join_thread(mail: Mail, interaction: Interaction | None) -> None:
    """The ids of the customer's thread so far: the first one and the last fifteen. What strangers
    wrote, and what was forwarded to others, is not theirs."""
    if interaction is None:
        return
    theirs = Q(message=None) | Q(message__customer_seq__isnull=False)
    found = list(
        Mail.objects.filter(theirs, interaction=interaction)
        .exclude(header_id="")
        .exclude(state=Mail.State.CALLED_BACK)
        .order_by("pk")
        .values_list("direction", "header_id")
    )
    chain = found[:1] + found[1:][-15:]
    mail.references = [identifier for _direction, identifier in chain]
    mail.in_reply_to = next(
        (identifier for direction, identifier in reversed(chain) if direction == "in"), ""
    )
