"""Each figure defined once: its words, its formula, its source, the rows behind it and how they
become a value.

An app registers the measures of its own tables through crm.registry; pages, exports, mails and
the API read them here, and `docs/figures.md` is generated from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.functional import Promise

from crm import registry
from crm.reports.cut import Cut
from crm.reports.dimensions import Dimension
from crm.reports.period import half_hour, zone
from crm.reports.rollup import reading as kept
from crm.reports.values import COUNTED, Distribution, Reading

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
    # by which of its moments a row belongs to a period; None: by the period's end
    moment: str | None = "offered_at"
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

    @property
    def is_kept(self) -> bool:
        """Whether it is counted by the half hour and kept (crm.reports.rollup)."""
        countable = self.counted is None and self.reading.made is not None
        return self.is_of_exchanges and countable and self.moment is not None

    def total(self, cut: Cut) -> Any:
        if self.counted:
            return self.counted(cut, None)[""]
        if (found := kept.total(self, cut)) is not None:
            return self._made(found)
        return self.reading.of(self.rows(cut))

    def by(self, cut: Cut, dimension: Dimension) -> Found:
        """{key: value}, without a total. Raises BadQuestion where rows cannot tell it."""
        path = dimension.path(self.paths, cut.period)
        if self.counted:
            return self.counted(cut, dimension)
        if (found := kept.by(self, cut, dimension.name)) is not None:
            return self._each(found)
        return self.by_path(cut, path)

    def by_with_total(self, cut: Cut, dimension: Dimension) -> tuple[Found, Any]:
        """({key: value}, all of it): one look where it is kept."""
        found = kept.by_with_total(self, cut, dimension.name)
        if found is None:
            return self.by(cut, dimension), self.total(cut)
        return self._each(found[0]), self._made(found[1])

    def by_day(self, cut: Cut, dimension: Dimension) -> Found:
        """{(local day, key): value}."""
        if (found := kept.by_day(self, cut, dimension.name)) is not None:
            return self._each(found)
        days = TruncDate(str(self.moment), tzinfo=zone())
        path = dimension.path(self.paths, cut.period)
        return self.reading.by_both(self.rows(cut), days, path)

    def means_by_day(self, cut: Cut, dimension: Dimension) -> Mapping[Any, float]:
        """Of times: {(local day, key): seconds}, of days that have some."""
        found = kept.by_day(self, cut, dimension.name, summed=True)
        if found is not None:
            return {key: one.mean for key, one in found.items()}
        times = self.by_day(cut, dimension)
        return {key: one.mean for key, one in times.items() if one.mean is not None}

    def by_half_hour(self, cut: Cut) -> Found:
        """Of one day: {when it begins: value}, by real time."""
        if (found := kept.by_half_hour(self, cut)) is not None:
            return self._each(found)
        return self.by_path(cut, half_hour(str(self.moment), cut.period.start))

    def distribution(self, cut: Cut) -> Mapping[int, int]:
        """{value: how many}: of times, by the second up to one hour."""
        found = kept.total(self, cut)
        if found is not None:
            return dict(zip(found.values.tolist(), found.n.tolist(), strict=True))
        return COUNTED.by(self.rows(cut), self.reading.value)

    def by_path(self, cut: Cut, path: Any) -> Found:
        """By something of the rows that is no cut, read raw."""
        return self.reading.by(self.rows(cut), path)

    def _made(self, found: Distribution) -> Any:
        assert self.reading.made is not None  # noqa: S101 (it is kept)
        return self.reading.made(found)

    def _each(self, found: Mapping[Any, Distribution]) -> Found:
        return {key: self._made(one) for key, one in found.items()}

    def by_channel(self, cut: Cut) -> Found:
        """{channel: value} plus "" for all channels together, or alone where there is none."""
        channel = registry.dimension("channel")
        return {**(self.by(cut, channel) if self.has(channel) else {}), "": self.total(cut)}


def get(name: str) -> Measure:
    """Raises KeyError for a figure that nobody registered."""
    return registry.measures()[name]


def every() -> list[Measure]:
    return list(registry.measures().values())
