"""Rows about companies and about exchanges: their own fields, and a company's mail domains."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import ImportRow, Interaction, Organisation, OrganisationDomain, OwnField
from crm.services import own_fields

from .fields import OWN
from .outcomes import Outcome, Refused, no_key, note, refused_own


def apply_organisations(
    rows: Sequence[ImportRow], columns: list[str], mapping: dict[str, str]
) -> None:
    """The name decides; one that is not known is made."""
    definitions = own_fields.definitions(OwnField.About.ORGANISATION)
    for row in rows:
        cells = _cells(row, columns, mapping)
        try:
            note(row, _organisation(cells, definitions))
        except Refused as refusal:
            note(row, Outcome.FAILED, str(refusal))


def _organisation(cells: dict[str, str], definitions: Sequence[OwnField]) -> str:
    if not (name := cells.pop("name", "")[:160]):
        raise no_key()
    domains = _domains(cells.pop("domains", ""))
    house = Organisation.objects.filter(name=name).order_by("pk").first() or Organisation(name=name)
    if OrganisationDomain.objects.filter(name__in=domains).exclude(organisation=house.pk).exists():
        raise Refused(_("Another organisation has one of these domains."))
    before = dict(house.own)
    _assign(house, cells, definitions)
    made = house.pk is None
    if made or house.own != before:
        house.save()
    known = set(house.domains.values_list("name", flat=True))
    new = [OrganisationDomain(organisation=house, name=one) for one in domains if one not in known]
    OrganisationDomain.objects.bulk_create(new)
    if made:
        return Outcome.CREATED
    return Outcome.CHANGED if new or house.own != before else Outcome.SAME


def _domains(cell: str) -> list[str]:
    """As they are stored; commas, semicolons or spaces between them."""
    found = []
    for word in cell.replace(",", " ").replace(";", " ").split():
        domain = OrganisationDomain(name=word)
        try:
            domain.clean()
        except ValidationError as error:
            raise Refused("; ".join(error.messages)) from error
        found.append(domain.name)
    return list(dict.fromkeys(found))


def apply_exchanges(rows: Sequence[ImportRow], columns: list[str], mapping: dict[str, str]) -> None:
    """Own fields of exchanges there are; the reference decides, and none is made."""
    definitions = own_fields.definitions(OwnField.About.INTERACTION)
    changed: dict[int, Interaction] = {}
    for row in rows:
        cells = _cells(row, columns, mapping)
        try:
            note(row, _exchange(cells, definitions, changed))
        except Refused as refusal:
            note(row, Outcome.FAILED, str(refusal))
    Interaction.objects.bulk_update(changed.values(), ["own", "own_terms"])


def _exchange(
    cells: dict[str, str], definitions: Sequence[OwnField], changed: dict[int, Interaction]
) -> str:
    if not (reference := cells.pop("reference", "")):
        raise no_key()
    found = Interaction.objects.by_reference(reference).select_for_update(of=("self",)).first()
    if found is None:
        raise Refused(_("There is no exchange “%(cell)s”.") % {"cell": reference[:80]})
    exchange = changed.get(found.pk, found)  # once more in this handful
    before = dict(exchange.own)
    _assign(exchange, cells, definitions)
    if exchange.own == before:
        return Outcome.SAME
    changed[exchange.pk] = exchange
    return Outcome.CHANGED


def _cells(row: ImportRow, columns: list[str], mapping: dict[str, str]) -> dict[str, str]:
    """Meaning → what the row says; empty cells say nothing."""
    pairs = zip(columns, row.values, strict=False)
    return {mapping[column]: cell for column, cell in pairs if cell and mapping.get(column)}


def _assign(
    thing: Organisation | Interaction, cells: dict[str, str], definitions: Sequence[OwnField]
) -> None:
    values = {name.removeprefix(OWN): cell for name, cell in cells.items() if name.startswith(OWN)}
    try:
        own_fields.assign(thing, values, definitions)
    except own_fields.BadOwnFields as error:
        raise refused_own(error, definitions) from error
