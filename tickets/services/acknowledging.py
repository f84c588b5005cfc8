""" "We have your request no. 2611-0042": once per thread, and a few times a day to one address.

The count per day is the fuse: it ends a loop with a robot that nothing else recognised."""

from collections.abc import Sequence
from datetime import timedelta

from crm import clock, registry
from crm.models import Interaction
from tickets.models import Mail, Mailbox
from tickets.services import outbox
from tickets.services.knowledge import ACKNOWLEDGEMENT, Knowledge, Letter

ANSWERS_A_DAY = 5


def acknowledge(interaction: Interaction, mailbox: Mailbox | None, address: str) -> None:
    """A request that began elsewhere than in a mail."""
    if not address:
        return
    recent = Mail.objects.outbound().filter(
        template=ACKNOWLEDGEMENT,
        to=[address],
        stored_at__gte=clock.wall() - timedelta(days=1),
    )
    if recent.count() < ANSWERS_A_DAY:
        outbox.write([_mail(interaction, mailbox, address)])


def acknowledge_all(letters: Sequence[Letter], known: Knowledge) -> None:
    """The mails that opened something, each answered to who wrote it."""
    made = []
    for letter in letters:
        address = address_of(letter)
        quiet = letter.rule is not None and letter.rule.is_quiet
        if quiet or is_enough(address, known):
            continue
        known.acknowledged[address] += 1
        mail = _mail(letter.interaction, letter.mail.mailbox or known.first_box, address)
        mail.in_reply_to = letter.mail.header_id
        mail.references = [letter.mail.header_id] if letter.mail.header_id else []
        made.append(mail)
    outbox.write(made)


def address_of(letter: Letter) -> str:
    return letter.mail.reply_to or (letter.owner.address if letter.owner else "")


def is_enough(address: str, known: Knowledge) -> bool:
    """The fuse: so many today that a robot must be answering."""
    return known.acknowledged[address] >= ANSWERS_A_DAY


def _mail(interaction: Interaction, mailbox: Mailbox | None, address: str) -> Mail:
    return outbox.templated(
        address,
        ACKNOWLEDGEMENT,
        {
            "name": interaction.customer.addressed(interaction.language),
            "reference": interaction.reference,
            "title": interaction.title,
            "news": [vars(one) for one in registry.news(interaction.subject, interaction.language)],
            "url": registry.request_page(interaction),
            "signature": mailbox.signature(interaction.language) if mailbox else "",
        },
        interaction.language,
        f"acknowledgement:{interaction.pk}",
        interaction,
        mailbox,
    )
