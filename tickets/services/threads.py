"""Where a mail belongs. Never by the text of its subject."""

from crm.models import Interaction, Participant
from tickets.mail import tokens
from tickets.services.knowledge import Knowledge, Letter, Place


def find(letter: Letter, known: Knowledge) -> Place | None:
    """By the token in the address it was sent to, our own signed Message-IDs, then any Message-ID
    seen or sent (In-Reply-To first, References from the last to the first), then the answer that
    came before it, and last the reference in its subject, from somebody who takes part."""
    for address in letter.recipients:
        token = tokens.read_address(address.lower())
        if token and (place := known.place(token[1])):
            return place
    for identifier in letter.parents:
        if place := known.place(tokens.interaction_of(identifier)):
            return place
    for identifier in letter.parents:
        if identifier in known.by_id:
            return known.by_id[identifier]
    parsed = letter.parsed
    late = known.orphans.get((parsed.message_id, parsed.from_email)) if parsed.message_id else None
    return late or _tagged(letter, known)


def _tagged(letter: Letter, known: Knowledge) -> Place | None:
    subject = letter.parsed.subject
    for number in tokens.references_in(subject):
        place = known.place(number)
        if place is None or place.interaction is None:
            continue
        if f"[{place.interaction.reference}]" not in subject:
            continue
        if letter.parsed.from_email in known.insiders[number]:
            return place
    return None


def is_stranger(letter: Letter, place: Place, known: Knowledge) -> bool:
    """Whether the sender is neither the customer nor somebody who takes part already."""
    sender = letter.parsed.from_email
    if place.interaction is None:
        return sender != place.opener
    return sender not in known.insiders[place.key]


def takes_part(interaction: Interaction, address: str) -> bool:
    """The same question of one address, asked of the database."""
    if interaction.customer.identities.filter(kind="mail", value=address).exists():
        return True
    return (
        interaction.participants.filter(address=address)
        .exclude(role=Participant.Role.STRANGER)
        .exists()
    )
