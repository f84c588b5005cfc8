"""Each figure defined once: its words, its formula, its source, and the query that counts it.

An app registers the measures of its own tables through crm.registry; pages, exports and the API
read them here, and `docs/figures.md` is generated from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from crm import registry
from crm.reports.period import Cut

Text = str | Promise
Rows = QuerySet[Any]


@dataclass(frozen=True)
class Measure:
    """One figure of the reports."""

    name: str
    label: Text
    formula: Text  # in words, for whoever asks "how is this counted?"
    unit: str  # "exchanges", "seconds", "share", "points"
    source: str  # where the definition comes from
    # the exchanges behind the figure: what a click on it opens, to the last unit
    rows: Callable[[Cut], Rows]
    # {channel name: value object} plus "" for all channels together
    by_channel: Callable[[Cut], Mapping[str, Any]]


def get(name: str) -> Measure:
    """Raises KeyError for a figure that nobody registered."""
    return registry.measures()[name]


def every() -> list[Measure]:
    return list(registry.measures().values())
