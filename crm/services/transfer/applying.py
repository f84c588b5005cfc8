"""A handful of rows brought in, few statements for all of them. The caller's transaction decides
whether it was meant (a dry run is rolled back)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from crm.models import Customer, Identity, ImportRow, Organisation, OwnField
from crm.services import customers, own_fields
from crm.services import rows as batch
from crm.text import sort_key

from .fields import OWN
from .outcomes import Outcome, Refused, note, refused_own

Kind = Identity.Kind
_PLAIN = ("civility", "first_name", "last_name", "language", "time_zone", "town")
_LONGEST = {"first_name": 80, "last_name": 80, "time_zone": 40, "town": 80}
_IDENTITIES = {"external": Kind.EXTERNAL, "mail": Kind.MAIL, "phone": Kind.PHONE}
_CIVILITIES = {
    "mme": "mme", "madame": "mme", "ms": "mme", "mrs": "mme", "m": "m", "mr": "m", "monsieur": "m",
}  # fmt: skip


@dataclass
class _Wanted:
    """A row as it is meant."""

    row: ImportRow
    plain: dict[str, str] = field(default_factory=dict)
    identities: list[tuple[str, str]] = field(default_factory=list)
    organisation: str = ""
    own: dict[str, str] = field(default_factory=dict)


def apply_customers(rows: Sequence[ImportRow], columns: list[str], mapping: dict[str, str]) -> None:
    """Create and change customers; each row gets its outcome (unsaved). Nothing is emptied by an
    empty cell. The external number decides, then the other identities; names never do."""
    definitions = own_fields.definitions(OwnField.About.CUSTOMER)
    wanted = [one for row in rows if (one := _read(row, columns, mapping, definitions))]
    keys = {identity for one in wanted for identity in one.identities}
    owners = _owners(keys)
    houses = _organisations({one.organisation for one in wanted if one.organisation})
    new: list[Customer] = []
    changed: dict[int, Customer] = {}
    given: list[Identity] = []
    for one in wanted:
        try:
            person = _who(one, owners) or Customer(first_name="", last_name="")
            differs = _put(person, one, houses, definitions)
        except Refused as refusal:
            note(one.row, Outcome.FAILED, str(refusal))
            continue
        fresh = [key for key in one.identities if key not in owners]
        owners.update(dict.fromkeys(one.identities, person))
        given += [
            Identity(customer=person, kind=kind, value=value, source="import")
            for kind, value in fresh
        ]
        if person.pk is None and not any(known is person for known in new):
            new.append(person)
            note(one.row, Outcome.CREATED)
        elif differs or fresh:
            note(one.row, Outcome.CHANGED)
            if person.pk:
                changed[person.pk] = person
        else:
            note(one.row, Outcome.SAME)
    Customer.objects.bulk_create(new)
    batch.update(list(changed.values()), [*_PLAIN, "name_key", "organisation", "own", "own_terms"])
    for identity in given:
        identity.customer_id = identity.customer.pk
    Identity.objects.bulk_create(given)


def _read(
    row: ImportRow, columns: list[str], mapping: dict[str, str], definitions: Sequence[OwnField]
) -> _Wanted | None:
    """None: something is wrong with it, and the row says all of that at once."""
    wanted, wrong = _Wanted(row), []
    for column, cell in zip(columns, row.values, strict=False):
        if cell and (meaning := mapping.get(column)):
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
        note(row, Outcome.FAILED, " ".join(wrong))
        return None
    return wanted


def _take(wanted: _Wanted, meaning: str, cell: str) -> None:
    if meaning in _IDENTITIES:
        kind = _IDENTITIES[meaning]
        try:
            wanted.identities.append((kind, customers.normalise(kind, cell)))
        except customers.BadIdentity as error:
            raise Refused(_("“%(cell)s” is no valid %(kind)s.") % {
                "cell": cell[:80], "kind": Kind(kind).label}) from error  # fmt: skip
    elif meaning == "organisation":
        wanted.organisation = cell[:160]
    elif meaning.startswith(OWN):
        wanted.own[meaning.removeprefix(OWN)] = cell
    elif meaning in _PLAIN:
        wanted.plain[meaning] = _valid(meaning, cell)


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


def _owners(keys: set[tuple[str, str]]) -> dict[tuple[str, str], Customer]:
    found: dict[tuple[str, str], Customer] = {}
    people: dict[int, Customer] = {}  # one object per record, however many identities
    for kind in {kind for kind, _value in keys}:
        values = [value for one, value in keys if one == kind]
        rows = Identity.objects.filter(kind=kind, value__in=values).select_related("customer")
        for row in rows:
            found[kind, row.value] = people.setdefault(row.customer_id, row.customer)
    return found


def _organisations(names: set[str]) -> dict[str, Organisation]:
    known = {one.name: one for one in Organisation.objects.filter(name__in=names).order_by("-pk")}
    made = Organisation.objects.bulk_create(
        Organisation(name=name) for name in sorted(names - known.keys())
    )
    return known | {one.name: one for one in made}


def _who(one: _Wanted, owners: dict[tuple[str, str], Customer]) -> Customer | None:
    """Raises when the identities are of different people: merging is a decision, not an import."""
    found = [owners[key] for key in one.identities if key in owners]
    if any(person is not found[0] for person in found[1:]):
        raise Refused(_("Its identities belong to different customers."))
    if found and found[0].pk:
        _other_number(one, found[0], owners)
    return found[0] if found else None


def _other_number(one: _Wanted, person: Customer, owners: dict[tuple[str, str], Customer]) -> None:
    """The key in the row is new, and the person found by another identity has one already."""
    keys = [key for key in one.identities if key[0] == Kind.EXTERNAL and key not in owners]
    if keys and person.identities.filter(kind=Kind.EXTERNAL).exists():
        raise Refused(_("This customer has another external number already."))


def _put(
    person: Customer, one: _Wanted, houses: dict[str, Organisation], definitions: Sequence[Any]
) -> bool:
    """Set what the row says; whether anything differs."""
    differs = False
    before = dict(person.own)
    if one.own:
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
