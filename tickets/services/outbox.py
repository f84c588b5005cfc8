"""The outbox: rows written in the transaction of what they tell, rendered at once.

Provides the registry's notifier and the mail channel's `deliver`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock, events, registry
from crm.models import Interaction, Message
from crm.services import customers
from tickets.events import outbox_filled
from tickets.mail import compose, tokens
from tickets.models import Mail, Mailbox
from tickets.services import mailboxes, rendering, threads

ACKNOWLEDGEMENT = "tickets/mail/acknowledgement"
ANSWERS_A_DAY = 5  # acknowledgements to one address: the fuse against unknown robots


def notify(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
) -> None:
    """The registry's notifier: one mail per key, rendered now, sent after commit."""
    queue_template(address, template, context, language, key, interaction)


def queue_template(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
) -> Mail | None:
    """The row, or None when that key was written before."""
    key = key[:200]
    if Mail.objects.filter(key=key).exists():
        return None
    mailbox = mailboxes.answering(interaction)
    with translation.override(language):
        subject, text = rendering.notice_text(template, context, mailbox)
        html = rendering.notice_html(
            template, {**context, "subject": subject}, text, mailbox, language
        )
    mail = _row(
        key=key,
        interaction=interaction,
        mailbox=mailbox,
        address=address,
        subject=subject,
        text=text,
        html=html,
        language=language,
        template=template[:100],
    )
    return _write(mail)


def deliver(interaction: Interaction, message: Message) -> None:
    """The mail channel's way to hand a message to the customer: an outbox row, same transaction.

    Nobody to write to (a customer without an address) leaves a failed row that the desk shows."""
    if message.kind not in {Message.Kind.TEXT, Message.Kind.CARD}:
        return
    address = answer_address(interaction)
    mailbox = mailboxes.answering(interaction)
    language = interaction.language
    with translation.override(language):
        context = rendering.answer_context(interaction, message, mailbox)
        text = rendering.plain("tickets/mail/answer.txt", context)
        html = get_template("tickets/mail/answer.html").render(context)
        title = compose.one_line(interaction.title, 200) or _("Your request")
    mail = _row(
        key=f"message:{message.pk}",
        interaction=interaction,
        mailbox=mailbox,
        address=address,
        subject=f"Re: {title} [{interaction.reference}]",
        text=text,
        html=html,
        language=language,
        template="",
    )
    mail.message = message
    if not address:
        mail.state, mail.error = Mail.State.FAILED, "no address"
    _write(mail)


def answer_address(interaction: Interaction) -> str:
    """Where the customer wrote from last (strangers on the thread never count), else any address
    on their record."""
    for mail in (
        Mail.objects.inbound()
        .filter(interaction=interaction, state=Mail.State.FILED, verdict="accept")
        .order_by("-pk")[:10]
    ):
        if not threads.is_stranger(interaction, mail.from_email):
            return mail.reply_to or mail.from_email
        if mail.reply_to and not threads.is_stranger(interaction, mail.reply_to):
            return mail.reply_to  # a web form's mail
    return customers.mail_address(interaction.customer) or ""


def acknowledge(interaction: Interaction, mailbox: Mailbox | None, sender: str = "") -> Mail | None:
    """ "We have your request no. 2611-0042", once per thread and a few times a day at most."""
    address = answer_address(interaction) or sender
    if not address:
        return None
    recent = Mail.objects.outbound().filter(
        template=ACKNOWLEDGEMENT,
        to=[address],
        stored_at__gte=clock.wall() - timedelta(days=1),
    )
    if recent.count() >= ANSWERS_A_DAY:
        return None
    return queue_template(
        address,
        ACKNOWLEDGEMENT,
        {
            "name": interaction.customer.addressed(interaction.language),
            "reference": interaction.reference,
            "title": interaction.title,
            "news": [vars(one) for one in registry.news(interaction.subject, interaction.language)],
            "signature": mailbox.signature(interaction.language) if mailbox else "",
        },
        interaction.language,
        f"acknowledgement:{interaction.pk}",
        interaction,
    )


# --- the row --------------------------------------------------------------------------------


def _row(
    *,
    key: str,
    interaction: Interaction | None,
    mailbox: Mailbox | None,
    address: str,
    subject: str,
    text: str,
    html: str,
    language: str,
    template: str,
) -> Mail:
    name, sender = compose.installation_sender()
    if mailbox:
        name, sender = mailbox.shown_name, mailbox.address
    chain = _chain(interaction)
    last_in = next(
        (identifier for direction, identifier in reversed(chain) if direction == "in"), ""
    )
    return Mail(
        direction=Mail.Direction.OUT,
        state=Mail.State.QUEUED,
        key=key,
        interaction=interaction,
        mailbox=mailbox,
        to=[address] if address else [],
        from_email=sender,
        from_name=name,
        reply_to=tokens.reply_address(sender, interaction.pk) if interaction else "",
        header_id=tokens.message_id(
            interaction.pk if interaction else None, key, compose.our_domain(sender)
        ),
        in_reply_to=last_in,
        references=[identifier for _direction, identifier in chain],
        subject=compose.one_line(subject),
        text=text,
        html=html,
        language=language,
        template=template,
        size=len(text) + len(html),
        created_at=clock.now(),
        next_try_at=clock.wall(),
    )


def _chain(interaction: Interaction | None) -> list[tuple[str, str]]:
    """The ids of the thread so far: the first one and the last fifteen."""
    if interaction is None:
        return []
    rows = list(
        Mail.objects.filter(interaction=interaction)
        .exclude(header_id="")
        .order_by("pk")
        .values_list("direction", "header_id")
    )
    return rows[:1] + rows[1:][-15:]


def _write(mail: Mail) -> Mail | None:
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return None  # another process wrote that key: it is the same mail
    if mail.state == Mail.State.QUEUED:
        events.announce(outbox_filled, mail_id=mail.pk)
    return mail
