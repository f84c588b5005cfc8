"""Names that only we can make: in our Message-IDs and in our reply addresses.

A reply carries one of them back, whatever its subject says; nobody can guess one."""

import hashlib
import re

from django.utils.crypto import constant_time_compare, salted_hmac

_ID = re.compile(r"^b\.(\d{1,18})\.([0-9a-f]{20})\.([0-9a-f]{20})@", re.IGNORECASE)
_ADDRESS = re.compile(r"^([^@+]{1,100})\+(\d{1,18})-([0-9a-f]{20})@(.{3,200})$", re.IGNORECASE)

_REFERENCE = re.compile(r"\[(\d{4})-(\d{4,18})\]")


def references_in(subject: str) -> list[int]:
    """Interactions whose reference stands in a subject line, as in `[2611-0042]`. Anybody can
    write one: it counts from somebody who takes part already (tickets/services/threads.py)."""
    return [int(number) for _month, number in _REFERENCE.findall(subject)[:3]]


def _sign(purpose: str, text: str) -> str:
    return salted_hmac(f"tickets.{purpose}", text, algorithm="sha256").hexdigest()[:20]


def message_id(interaction_id: int | None, key: str, domain: str) -> str:
    """Always the same for one key, so that a mail sent twice by accident is known as one."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:20]
    body = f"{interaction_id or 0}.{digest}"
    return f"b.{body}.{_sign('message', body)}@{domain}"


def is_ours(identifier: str) -> bool:
    return _read_id(identifier) is not None


def interaction_of(identifier: str) -> int | None:
    """The interaction that one of our Message-IDs belongs to; None when it is not ours."""
    return _read_id(identifier) or None


def _read_id(identifier: str) -> int | None:
    match = _ID.match(identifier)
    if match is None:
        return None
    body = f"{match[1]}.{match[2].lower()}"
    return (
        int(match[1]) if constant_time_compare(_sign("message", body), match[3].lower()) else None
    )


def reply_address(mailbox: str, interaction_id: int) -> str:
    """`assistance+42-….@lumio.example`: a reply to it finds interaction 42."""
    local, _at, domain = mailbox.partition("@")
    return f"{local}+{interaction_id}-{_sign('address', str(interaction_id))}@{domain}"


def read_address(address: str) -> tuple[str, int] | None:
    """(the mailbox, the interaction) of a reply address of ours, else None."""
    match = _ADDRESS.match(address)
    if match is None or not constant_time_compare(_sign("address", match[2]), match[3].lower()):
        return None
    return f"{match[1]}@{match[4]}".lower(), int(match[2])
