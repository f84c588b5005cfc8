"""Rows about companies and about exchanges: their own fields, and a company's mail domains."""

from collections.abc import Callable, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import Interaction, Organisation, OrganisationDomain, OwnField
from crm.services import own_fields

from .lines import Line, Outcome, Refused, refused_own


def apply_organisations(lines: Sequence[Line]) -> None:
    """The name decides; one that is not known is made."""
    definitions = own_fields.definitions(OwnField.About.ORGANISATION)
    _each(lines, lambda line: _organisation(line, definitions))


def apply_exchanges(lines: Sequence[Line]) -> None:
    """Own fields of exchanges there are; the reference decides, and none is made."""
    definitions = own_fields.definitions(OwnField.About.INTERACTION)
    _each(lines, lambda line: _exchange(line, definitions))


def _each(lines: Sequence[Line], bring_in: Callable[[Line], str]) -> None:
    for line in lines:
        try:
            line.became(bring_in(line))
        except Refused as refusal:
            line.became(Outcome.FAILED, str(refusal))


def _organisation(line: Line, definitions: Sequence[OwnField]) -> str:
    name = line.key("name")
    if len(name) > 160:
        raise Refused(_("“%(cell)s…” is too long.") % {"cell": name[:40]})
    domains = _domains(dict(line.cells).get("domains", ""))
    house = Organisation.objects.filter(name=name).order_by("pk").first() or Organisation(name=name)
    if OrganisationDomain.objects.filter(name__in=domains).exclude(organisation=house.pk).exists():
        raise Refused(_("Another organisation has one of these domains."))
    made = house.pk is None
    differs = _assign(house, line, definitions)
    if made or differs:
        house.save()
    known = set(house.domains.values_list("name", flat=True))
    new = [OrganisationDomain(organisation=house, name=one) for one in domains if one not in known]
    OrganisationDomain.objects.bulk_create(new)
    if made:
        return Outcome.CREATED
    return Outcome.CHANGED if new or differs else Outcome.SAME


def _domains(cell: str) -> list[str]:
    """As they are stored; commas, semicolons or spaces between them."""
    found = []
    for word in cell.replace(",", " ").replace(";", " ").split():
        domain = OrganisationDomain(name=word)
        try:
            domain.clean()
            domain.clean_fields(exclude=["organisation"])
        except ValidationError as error:
            raise Refused("; ".join(error.messages)) from error
        found.append(domain.name)
    return list(dict.fromkeys(found))


def _exchange(line: Line, definitions: Sequence[OwnField]) -> str:
    reference = line.key("reference")
    exchange = Interaction.objects.by_reference(reference).select_for_update(of=("self",)).first()
    if exchange is None:
        raise Refused(_("There is no exchange “%(cell)s”.") % {"cell": reference[:80]})
    if not _assign(exchange, line, definitions):
        return Outcome.SAME
    exchange.save(update_fields=["own", "own_terms"])
    return Outcome.CHANGED


def _assign(thing: Organisation | Interaction, line: Line, definitions: Sequence[OwnField]) -> bool:
    """Whether anything differs. Raises Refused."""
    before = dict(thing.own)
    try:
        own_fields.assign(thing, line.own(), definitions)
    except own_fields.BadOwnFields as error:
        raise refused_own(error, definitions) from error
    return thing.own != before
