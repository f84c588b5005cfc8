"""The exchanges behind a figure, as its address asks for them: page, API and exports read here."""

from typing import Any

from crm.models import Interaction
from crm.reports import cut, measures
from crm.reports.figures import Exchanges
from crm.reports.measures import Measure
from crm.reports.period import BadQuestion


def measure(query: Any) -> Measure:
    """Raises KeyError for a figure that there is not, or that counts no exchanges."""
    found = measures.get(query.get("measure") or "offered")
    if not found.is_of_exchanges:
        raise KeyError(found.name)
    return found


def is_part(query: Any, of: Measure) -> bool:
    """`part=1`: behind a share, those that are so."""
    return bool(query.get("part")) and of.part is not None


def seen_by(user: Any, rows: Any) -> Exchanges:
    """Of these exchanges, those that this colleague may open."""
    found: Exchanges = rows.visible_to(user)
    return found


def rows(query: Any) -> Exchanges:
    """Raises BadQuestion."""
    try:
        asked = measure(query)
    except KeyError as error:
        raise BadQuestion("measure") from error
    found = asked.behind(cut.read(query), part=is_part(query, asked))
    return Interaction.objects.filter(pk__in=found.values("pk"))
