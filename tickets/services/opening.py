"""A mail request that begins elsewhere than in a mail: with the portal's form, or from a chat."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from crm import clock
from crm.models import Customer, Interaction, Message, Subject, Visit
from crm.services import interactions, posting, wording
from tickets.models import Ticket
from tickets.services import acknowledging, mailboxes, outbox


def open(
    *,
    customer: Customer,
    title: str,
    text: str,
    language: str,
    subject: Subject | None = None,
    visit: Visit | None = None,
    device: str = "",
    continues: Interaction | None = None,
    key: str | None = None,
    in_writing: bool = False,
) -> Interaction:
    """The registry's opener: the request, its first message and its acknowledgement, all or none.

    `key` is the customer's own: the same one again brings back the same request, and two at once
    make one, by the database."""
    key = hashlib.sha256(f"{customer.pk}:{key}".encode()).hexdigest() if key else None
    known = _opened_with(key)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            title, text = wording.masked(title), wording.masked(text)
            interaction = _open(
                customer,
                title,
                language,
                subject,
                key,
                visit=visit,
                device=device,
                continues=continues,
                in_writing=in_writing,
            )
            posting.post(
                interaction,
                author=Message.Author.CUSTOMER,
                text=text,
                client_id=key,
            )
            mailbox = mailboxes.answering(interaction)
            address = outbox.answer_address(interaction)
            acknowledging.acknowledge(interaction, mailbox, address)
    except IntegrityError:
        twin = _opened_with(key)  # the same form, a moment earlier
        if twin is None:
            raise
        return twin
    return interaction


def _opened_with(key: str | None) -> Interaction | None:
    return Interaction.objects.filter(ticket__key=key).first() if key else None


def _open(
    customer: Customer,
    title: str,
    language: str,
    subject: Subject | None,
    key: str | None,
    **more: Any,
) -> Interaction:
    at = clock.now()
    queue = subject.queue_at(at) if subject else None
    mailbox = mailboxes.of_queue(queue.pk if queue else None)
    interaction = interactions.open(
        "mail",
        customer,
        subject=subject,
        queue=queue or (mailbox.queue if mailbox else None),
        title=title,
        language=language,
        origin=Interaction.Origin.FORM,
        at=at,
        **more,
    )
    Ticket.objects.create(interaction=interaction, mailbox=mailbox, key=key)
    return interaction
