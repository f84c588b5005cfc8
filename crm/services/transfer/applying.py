"""A handful of customers brought in, few statements for all of them. The caller's transaction
decides whether it was meant (a dry run is rolled back)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from crm.models import Customer, Identity, Organisation, OwnField
from crm.services import customers, own_fields
from crm.services import rows as batch
from crm.text import sort_key

from .fields import OWN
from .lines import Line, Outcome, Refused, refused_own

Kind = Identity.Kind
_PLAIN = ("civility", "first_name", "last_name", "language", "time_zone", "town")
_LONGEST = {"first_name": 80, "last_name": 80, "time_zone": 40, "town": 80, "organisation": 160}
_IDENTITIES = {"external": Kind.EXTERNAL, "mail": Kind.MAIL, "phone": Kind.PHONE}
_BETWEEN = re.compile(r"[;\n]")  # several identities in one cell, as exports write them
_CIVILITIES = {
    "mme": "mme", "madame": "mme", "ms": "mme", "mrs": "mme", "m": "m", "mr": "m", "monsieur": "m",
}  # fmt: skip

_Key = tuple[str, str]  # kind and value of an identity


@dataclass
class _Wanted:
    """A row as it is meant."""

    line: Line
    plain: dict[str, str] = field(default_factory=dict)
    identities: dict[_Key, None] = field(default_factory=dict)  # in their order, each once
    organisation: str = ""
    own: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class _Record:
    """A customer of this handful, known or new."""

    customer: Customer
    numbered: bool = False  # has an external number
    changed: bool = False


def apply_customers(lines: Sequence[Line]) -> None:
    """Create and change customers; each row gets its outcome (unsaved). Nothing is emptied by an
    empty cell. The external number decides, then the other identities; names never do."""
    definitions = own_fields.definitions(OwnField.About.CUSTOMER)
    wanted = [one for line in lines if (one := _read(line, definitions))]
    owners = _owners({key for one in wanted for key in one.identities})
    houses = _organisations({one.organisation for one in wanted if one.organisation})
    records: dict[_Record, None] = {}
    given: list[Identity] = []
    for one in wanted:
        try:
            record = _who(one, owners)
        except Refused as refusal:
            one.line.became(Outcome.FAILED, str(refusal))
            continue
        made = record.customer.pk is None and record not in records
        records[record] = None
        fresh = [key for key in one.identities if key not in owners]
        given += [
            Identity(customer=record.customer, kind=kind, value=value, source="import")
            for kind, value in fresh
        ]
        owners.update(dict.fromkeys(one.identities, record))
        record.numbered |= any(kind == Kind.EXTERNAL for kind, _value in fresh)
        differs = _put(record.customer, one, houses, definitions)
        record.changed |= differs
        changed = Outcome.CHANGED if differs or fresh else Outcome.SAME
        one.line.became(Outcome.CREATED if made else changed)
    new = [record.customer for record in records if record.customer.pk is None]
    known = [record.customer for record in records if record.customer.pk and record.changed]
    batch.update(known, [*_PLAIN, "name_key", "organisation", "own", "own_terms"])
    Customer.objects.bulk_create(new)
    for identity in given:
        identity.customer_id = identity.customer.pk
    Identity.objects.bulk_create(given)


def _read(line: Line, definitions: Sequence[OwnField]) -> _Wanted | None:
    """None: something is wrong with it, and the row says all of that at once."""
    wanted, wrong = _Wanted(line, own=line.own()), []
    for meaning, cell in line.cells:
        try:
            _take(wanted, meaning, cell)
        except Refused as refusal:
            wrong.append(str(refusal))
    try:
        own_fields.assign(Customer(), wanted.own, definitions)
    except own_fields.BadOwnFields as error:
        wrong.append(str(refused_own(error, definitions)))
    if not wanted.identities and not wrong:
        wrong.append(_("No external number, email address or phone number."))
    if wrong:
        line.became(Outcome.FAILED, " ".join(wrong))
        return None
    return wanted


def _take(wanted: _Wanted, meaning: str, cell: str) -> None:
    if meaning in _IDENTITIES:
        kind = _IDENTITIES[meaning]
        for part in filter(None, map(str.strip, _BETWEEN.split(cell))):
            wanted.identities[kind, _identity(kind, part)] = None
    elif meaning == "organisation":
        wanted.organisation = _valid(meaning, cell)
    elif not meaning.startswith(OWN):
        wanted.plain[meaning] = _valid(meaning, cell)


def _identity(kind: Kind, cell: str) -> str:
    try:
        return customers.normalise(kind, cell)
    except customers.BadIdentity as error:
        raise Refused(
            _("“%(cell)s” is no valid %(kind)s.") % {"cell": cell[:80], "kind": kind.label}
        ) from error


def _valid(name: str, cell: str) -> str:
    if name == "civility":
        known = _CIVILITIES.get(sort_key(cell))
        if known is None:
            raise Refused(_("“%(cell)s” is no civility (Mme, M.).") % {"cell": cell[:80]})
        return known
    if name == "language":
        code = cell.lower()[:2]
        if code not in ("fr", "en"):
            raise Refused(_("“%(cell)s” is no language (fr, en).") % {"cell": cell[:80]})
        return code
    if name == "time_zone":
        try:
            ZoneInfo(cell)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Refused(_("“%(cell)s” is no time zone.") % {"cell": cell[:80]}) from error
    if len(cell) > _LONGEST[name]:
        raise Refused(_("“%(cell)s…” is too long.") % {"cell": cell[:40]})
    return cell


def _owners(keys: set[_Key]) -> dict[_Key, _Record]:
    found: dict[_Key, _Record] = {}
    people: dict[int, _Record] = {}  # one object per record, however many identities
    for kind in {kind for kind, _value in keys}:
        values = [value for one, value in keys if one == kind]
        rows = Identity.objects.filter(kind=kind, value__in=values).select_related("customer")
        for row in rows:
            found[kind, row.value] = people.setdefault(row.customer_id, _Record(row.customer))
    numbers = Identity.objects.filter(kind=Kind.EXTERNAL, customer__in=people)
    for key in numbers.values_list("customer", flat=True):
        people[key].numbered = True
    return found


def _organisations(names: set[str]) -> dict[str, Organisation]:
    known = {one.name: one for one in Organisation.objects.filter(name__in=names).order_by("-pk")}
    made = Organisation.objects.bulk_create(
        Organisation(name=name) for name in sorted(names - known.keys())
    )
    return known | {one.name: one for one in made}


def _who(one: _Wanted, owners: dict[_Key, _Record]) -> _Record:
    """Raises when the identities are of different people: merging is a decision, not an import."""
    found = {owners[key] for key in one.identities if key in owners}
    if len(found) > 1:
        raise Refused(_("Its identities belong to different customers."))
    record = found.pop() if found else _Record(Customer(first_name="", last_name=""))
    if record.numbered and any(
        key[0] == Kind.EXTERNAL and key not in owners for key in one.identities
    ):
        raise Refused(_("This customer has another external number already."))
    return record


def _put(
    person: Customer,
    one: _Wanted,
    houses: dict[str, Organisation],
    definitions: Sequence[OwnField],
) -> bool:
    """Set what the row says; whether anything differs."""
    before = dict(person.own)
    own_fields.assign(person, one.own, definitions)
    differs = person.own != before
    for name, value in one.plain.items():
        if getattr(person, name) != value:
            setattr(person, name, value)
            differs = True
    if one.organisation and person.organisation_id != houses[one.organisation].pk:
        person.organisation = houses[one.organisation]
        differs = True
    person.set_name_key()
    return differs
