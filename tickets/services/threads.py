"""Where a mail belongs. Never by the text of its subject."""

from dataclasses import dataclass

from crm.models import Identity, Interaction, Participant
from tickets.mail import tokens
from tickets.mail.parse import ParsedMail
from tickets.models import Mail

REFERENCES_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Thread:
    interaction_id: int
    how: str  # "address", "our id", "known id", "late parent"


def find(parsed: ParsedMail, envelope: list[str]) -> Thread | None:
    """By the token in the address it was sent to, our own signed Message-IDs, then any
    Message-ID seen or sent: In-Reply-To first, References from the last to the first."""
    for address in [*envelope, *parsed.to, *parsed.cc]:
        token = tokens.read_address(address.lower())
        if token and _exists(token[1]):
            return Thread(token[1], "address")
    parents = _parents(parsed)
    for identifier in parents:
        interaction_id = tokens.interaction_of(identifier)
        if interaction_id and _exists(interaction_id):
            return Thread(interaction_id, "our id")
    return _known(parents) or _late_parent(parsed)


def _parents(parsed: ParsedMail) -> list[str]:
    newest_first = parsed.references[::-1][:REFERENCES_LIMIT]
    return list(dict.fromkeys(filter(None, [parsed.in_reply_to, *newest_first])))


def _exists(interaction_id: int) -> bool:
    return interaction_id < 2**63 and Interaction.objects.filter(pk=interaction_id).exists()


def _known(parents: list[str]) -> Thread | None:
    if not parents:
        return None
    found: dict[str, int] = {}
    rows = (
        Mail.objects.filter(header_id__in=parents, interaction__isnull=False)
        .order_by("pk")
        .values_list("header_id", "interaction_id")
    )
    for identifier, interaction_id in rows:
        found.setdefault(identifier, interaction_id)  # the first holder stays the parent
    for identifier in parents:
        if identifier in found:
            return Thread(found[identifier], "known id")
    return None


def _late_parent(parsed: ParsedMail) -> Thread | None:
    """Its answer was delivered before it and waits for it."""
    if not parsed.message_id:
        return None
    child = (
        Mail.objects.inbound()
        .filter(
            in_reply_to=parsed.message_id,
            interaction__isnull=False,
            from_email=parsed.from_email,
        )
        .order_by("pk")
        .first()
    )
    return Thread(child.interaction_id, "late parent") if child and child.interaction_id else None


def is_stranger(interaction: Interaction, address: str) -> bool:
    """Whether the sender is neither the customer nor somebody who takes part already."""
    kind = Identity.Kind.MAIL
    if interaction.customer.identities.filter(kind=kind, value=address).exists():
        return False
    return not (
        interaction.participants.filter(address=address)
        .exclude(role=Participant.Role.STRANGER)
        .exists()
    )


def bounced(parsed: ParsedMail) -> Mail | None:
    """The mail of ours that a delivery report is about."""
    ids = [*parsed.original_ids, *_parents(parsed)]
    return (
        Mail.objects.outbound().filter(header_id__in=ids).order_by("-pk").first() if ids else None
    )
