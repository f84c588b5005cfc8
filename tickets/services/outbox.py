"""The outbox: rows written in the transaction of what they tell, rendered at once.

Provides the registry's notifier and the mail channel's `deliver`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from crm import clock, events
from crm.models import Interaction, Message
from crm.services import customers
from tickets.events import outbox_filled
from tickets.mail import compose, tokens
from tickets.models import Mail, Mailbox
from tickets.services import mailboxes, rendering, threads


def notify(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
) -> None:
    """The registry's notifier: one mail per key, rendered now, sent after commit."""
    if Mail.objects.filter(key=key[:200]).exists():
        return
    mailbox = mailboxes.answering(interaction)
    mail = templated(address, template, context, language, key, interaction, mailbox)
    _join_thread(mail, interaction)
    _write_once(mail)


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
    mail = _row(key[:200], interaction, mailbox, address)
    mail.subject, mail.text, mail.html = compose.one_line(subject), text, html
    mail.language, mail.template = language, template[:100]
    mail.size = len(text) + len(html)
    return mail


def deliver(interaction: Interaction, message: Message) -> None:
    """The mail channel's way to hand a message to the customer: an outbox row, same transaction.

    Nobody to write to (a customer without an address) leaves a failed row that the desk shows."""
    if message.kind not in {Message.Kind.TEXT, Message.Kind.CARD}:
        return
    address = answer_address(interaction)
    mailbox = mailboxes.answering(interaction)
    subject, text, html = rendering.answer(interaction, message, mailbox)
    mail = _row(f"message:{message.pk}", interaction, mailbox, address)
    mail.subject, mail.text, mail.html = compose.one_line(subject), text, html
    mail.language, mail.size = interaction.language, len(text) + len(html)
    mail.message = message
    _join_thread(mail, interaction)
    if not address:
        mail.state, mail.error = Mail.State.FAILED, "no address"
    _write_once(mail)


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
    Mail.objects.bulk_create(mails)
    if any(mail.state == Mail.State.QUEUED for mail in mails):
        events.announce(outbox_filled)


def _write_once(mail: Mail) -> None:
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return  # another process wrote that key: it is the same mail
    if mail.state == Mail.State.QUEUED:
        events.announce(outbox_filled)


def _row(key: str, interaction: Interaction | None, mailbox: Mailbox | None, address: str) -> Mail:
    name, sender = compose.installation_sender()
    if mailbox:
        name, sender = mailbox.shown_name, mailbox.address
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
        reply_to=tokens.reply_address(sender, number) if number else "",
        header_id=tokens.message_id(number, key, compose.our_domain(sender)),
        created_at=clock.now(),
        next_try_at=clock.wall(),
    )


def _join_thread(mail: Mail, interaction: Interaction | None) -> None:
    """The ids of the thread so far: the first one and the last fifteen."""
    if interaction is None:
        return
    rows = list(
        Mail.objects.filter(interaction=interaction)
        .exclude(header_id="")
        .order_by("pk")
        .values_list("direction", "header_id")
    )
    chain = rows[:1] + rows[1:][-15:]
    mail.references = [identifier for _direction, identifier in chain]
    mail.in_reply_to = next(
        (identifier for direction, identifier in reversed(chain) if direction == "in"), ""
    )
