"""What hangs on a customer, and what names a person: for merging, copies, erasure, retention."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from crm.models import Customer


@dataclass(frozen=True)
class Belonging:
    """Rows that belong to a customer: merging moves them, undoing the merge moves them back."""

    name: str  # stored in the merge's journal
    label: str | Promise  # "3 visits": the word after the figure
    model: type[Model]
    field: str = "customer"
    # the column that names the row's exchange: a later row goes where its exchange goes
    interaction: str = ""
    # another column that is unique together with the customer: where the kept record has such a
    # row already, the other's stays behind
    once_per: str = ""
    # how a row reads to whoever undoes a merge: a later one, of no exchange, is theirs to give to
    # either record; without it such rows stay
    reads: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class PersonalPart:
    """What an app holds of persons, and how it goes: for copies, erasure and retention. `keys` are
    numbers of exchanges; everything runs in the caller's transaction."""

    name: str  # the section in the copy
    label: str | Promise
    collect: Callable[[Sequence[int]], list[dict[str, Any]]]
    # names, words, addresses, files go; what is counted stays
    erase: Callable[[Sequence[int]], None]
    # sections that hang on the person and no exchange
    person: Callable[[Customer], Iterable[tuple[str, list[dict[str, Any]]]]] | None = None
    erase_person: Callable[[Sequence[Customer]], None] | None = None
    # (name in the copy, name in the storage)
    files: Callable[[Sequence[int]], Iterable[tuple[str, str]]] = lambda keys: ()


@dataclass(frozen=True)
class Retention:
    """One kind of data that is kept for a time."""

    name: str  # stored in the rule
    label: str | Promise
    help: str | Promise  # what goes, and what stays
    days: int  # the shipped default
    count: Callable[[datetime], int]  # how much is older, holds left out
    purge: Callable[[datetime, int], int]  # at most so many; how many went


# by which identities, (kind, value), the customer came into each of these exchanges
Senders = Callable[[Collection[int]], Mapping[int, Collection[tuple[str, str]]]]

_belongings: dict[str, Belonging] = {}
_senders: list[Senders] = []
_personal: dict[str, PersonalPart] = {}
_retentions: dict[str, Retention] = {}


def register_belonging(belonging: Belonging) -> None:
    """By the app of every table with a foreign key to Customer (a test looks for those)."""
    _belongings[belonging.name] = belonging


def belongings() -> list[Belonging]:
    return list(_belongings.values())


def register_senders(senders: Senders) -> None:
    """By a channel that knows from which address its exchanges came."""
    _senders.append(senders)


def senders(interaction_ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """What all channels know of it."""
    found: dict[int, set[tuple[str, str]]] = {}
    for ask in _senders:
        for key, identities in ask(interaction_ids).items():
            found.setdefault(key, set()).update(identities)
    return found


def register_personal(part: PersonalPart) -> None:
    """By every app that stores anything about persons."""
    _personal[part.name] = part


def personal_parts() -> list[PersonalPart]:
    return list(_personal.values())


def register_retention(retention: Retention) -> None:
    _retentions[retention.name] = retention


def retentions() -> list[Retention]:
    return list(_retentions.values())
