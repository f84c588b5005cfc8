"""Each figure defined once: its words, its formula, its source, the rows behind it and how they
become a value.

An app registers the measures of its own tables through crm.registry; pages, exports, mails and
the API read them here, and `docs/figures.md` is generated from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from crm import registry
from crm.reports.cut import Cut
from crm.reports.dimensions import Dimension
from crm.reports.values import COUNTED, Reading

Text = str | Promise
Rows = QuerySet[Any]
Found = Mapping[Any, Any]  # whatever the reading makes of rows


@dataclass(frozen=True)
class Measure:
    """One figure of the reports."""

    name: str
    label: Text
    formula: Text  # in words, for whoever asks "how is this counted?"
    unit: str  # "exchanges", "seconds", "share", "points", …
    source: str  # where the definition comes from
    # the rows behind the figure: what a click on it opens, to the last unit
    rows: Callable[[Cut], Rows]
    reading: Reading = COUNTED
    # of a share: the rows that are so, among the others
    part: Q | None = None
    # how a row that is no exchange tells a dimension; empty: the rows are exchanges
    paths: Mapping[str, Any] = field(default_factory=dict)
    # what cannot be said by counting rows: {key: value}, under "" without a dimension
    counted: Callable[[Cut, Dimension | None], Found] | None = None
    # more of it is better (True), worse (False), or neither
    good: bool | None = None
    topic: str = "volumes"  # the page's section

    @property
    def is_of_exchanges(self) -> bool:
        return not self.paths

    def has(self, dimension: Dimension) -> bool:
        return self.is_of_exchanges or dimension.name in self.paths

    def behind(self, cut: Cut, *, part: bool = False) -> Rows:
        """The rows that a click on it opens; of a share, all of them or those that are so."""
        rows = self.rows(cut)
        return rows.filter(self.part) if part and self.part is not None else rows

    def total(self, cut: Cut) -> Any:
        if self.counted:
            return self.counted(cut, None)[""]
        return self.reading.of(self.rows(cut))

    def by(self, cut: Cut, dimension: Dimension) -> Found:
        """{key: value}, without a total. Raises BadQuestion where rows cannot tell it."""
        path = dimension.path(self.paths, cut.period)
        if self.counted:
            return self.counted(cut, dimension)
        return self.by_path(cut, path)

    def by_path(self, cut: Cut, path: Any) -> Found:
        """By something of the rows that is no cut: half hours, weeks."""
        return self.reading.by(self.rows(cut), path)

    def by_channel(self, cut: Cut) -> Found:
        """{channel: value} plus "" for all channels together, or alone where there is none."""
        channel = registry.dimension("channel")
        return {**(self.by(cut, channel) if self.has(channel) else {}), "": self.total(cut)}


def get(name: str) -> Measure:
    """Raises KeyError for a figure that nobody registered."""
    return registry.measures()[name]


def every() -> list[Measure]:
    return list(registry.measures().values())
