"""What a Cut asks of the figures that are kept: blocks of clean days and months, raw rows of what
has changed since. None where it is not kept: then the raw rows are asked."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count

from crm import registry
from crm.reports.cut import Cut
from crm.reports.period import HALF_HOUR, Period, today
from crm.reports.rollup import blocks, marks, raw, views
from crm.reports.rollup.blocks import DAY, MONTH, month
from crm.reports.rollup.carried import FIELDS, SLOT, Field, Vocabulary
from crm.reports.rollup.entries import Entries, Numbers, joined
from crm.reports.rollup.marks import Slots
from crm.reports.values import Distribution

if TYPE_CHECKING:
    from crm.reports.measures import Measure

MOST_UNKEPT = 2  # days that are counted on the way; with more of them, SQL is faster
Key = Any
Found = dict[Key, Distribution]


def total(measure: "Measure", cut: Cut) -> Distribution | None:
    found = _asked(measure, cut, [])
    return found.by().whole if found else None


def by(measure: "Measure", cut: Cut, dimension: str) -> Found | None:
    found = _asked(measure, cut, [dimension])
    return found.by(found.told(dimension)).parts if found else None


def by_with_total(
    measure: "Measure", cut: Cut, dimension: str
) -> tuple[Found, Distribution] | None:
    """The parts and the whole, read once."""
    if (found := _asked(measure, cut, [dimension])) is None:
        return None
    grouped = found.by(found.told(dimension))
    return grouped.parts, grouped.whole


def by_day(
    measure: "Measure", cut: Cut, dimension: str, *, summed: bool = False
) -> dict[tuple[date, Key], Distribution] | None:
    """{(local day, key)}; `summed`: how many and their sum, the values left out."""
    found = _asked(measure, cut, [dimension], by_day=True)
    if found is None:
        return None
    if summed:
        found = replace(found, entries=replace(found.entries, value=found.entries.value * 0))
    days: Found = found.by(found.days(cut.period), found.told(dimension)).parts
    return days


def by_half_hour(measure: "Measure", cut: Cut) -> dict[datetime, Distribution] | None:
    """Of one day: {when it begins}."""
    found = _asked(measure, cut, [], [SLOT], by_day=True)
    if found is None:
        return None
    start = cut.period.start.astimezone(UTC)
    begins = [start + slot * HALF_HOUR for slot in range(SLOT.most + 1)]
    return found.by((SLOT.of(found.entries.key), begins)).parts


Told = tuple[Numbers, list[Key]]  # of each row the place of its key among these


@dataclass(frozen=True)
class Grouped:
    """Entries whose key is a place among the names."""

    entries: Entries
    names: list[Key]

    @property
    def parts(self) -> Found:
        one = self.entries
        if not len(one.key):
            return {}
        begins = np.flatnonzero(np.diff(one.key, prepend=-1))
        ends = [*begins[1:].tolist(), len(one.key)]
        return {
            self.names[place]: Distribution(
                one.value[since:until], one.n[since:until], int(one.total[since:until].sum())
            )
            for place, since, until in zip(
                one.key[begins].tolist(), begins.tolist(), ends, strict=True
            )
        }

    @property
    def whole(self) -> Distribution:
        one = replace(self.entries, key=self.entries.key * 0).reduced()
        return Distribution(one.value, one.n, int(one.total.sum()))


@dataclass(frozen=True)
class Answered:
    """The entries of a Cut, and the words to tell them by."""

    entries: Entries
    words: Vocabulary

    def told(self, dimension: str) -> Told:
        places, names = self.words.told(dimension)
        return places[FIELDS[dimension].of(self.entries.key)], names

    def days(self, period: Period) -> Told:
        return self.entries.day - period.first.toordinal(), period.days

    def by(self, *told: Told) -> Grouped:
        """Under the key of each of them; of several, under all of them; of none, all together."""
        one = self.entries
        group = np.zeros(len(one.key), np.int64)
        names: list[tuple[Key, ...]] = [()]
        for places, keys in told:
            group = group * len(keys) + places
            names = [(*before, key) for before in names for key in keys]
        found = Entries(one.day * 0, group, one.value, one.n, one.total).reduced()
        return Grouped(found, [name[0] for name in names] if len(told) == 1 else [*names])


def _asked(
    measure: "Measure",
    cut: Cut,
    dimensions: list[str],
    fields: list[Field] | None = None,
    *,
    by_day: bool = False,
) -> Answered | None:
    named = [*cut.where, *dimensions]
    if not measure.is_kept or cut.part or not all(name in FIELDS for name in named):
        return None
    needed = [*(FIELDS[name] for name in named), *(fields or [])]
    with nullcontext(cut.instant) if cut.instant else instant() as now:
        if now.lacks(measure.name, cut.period):
            return None
        parts = _parts(measure, cut.period, views.smallest(needed), now, by_day=by_day)
        if parts is None:
            return None
        return Answered(_narrowed(joined(parts), cut.where, now), now.words)


class Instant:
    """What figures that are asked together share: looked up once, whatever is marked."""

    def __init__(self) -> None:
        self._there: dict[str, dict[date, bool]] = defaultdict(dict)
        self._together: frozenset[str] = frozenset()
        self._ahead: frozenset[date] = frozenset()
        self._read: dict[tuple[int, str], dict[str, dict[date, Entries | None]]] = {}
        self._once: dict[Any, Any] = {}

    def together(self, names: Iterable[str]) -> None:
        """These figures will be asked for: what one needs is read for all."""
        self._together |= set(names)

    def ahead(self, period: Period) -> None:
        """Parts of this period will be asked for: what one needs is read for all."""
        self._ahead |= set(period.days)

    def _beside(self, name: str) -> frozenset[str]:
        return self._together if name in self._together else frozenset([name])

    def kept(self, name: str, view: int, grain: str, firsts: Iterable[date]) -> blocks.Read:
        """What is kept of a figure, oldest first."""
        read = self._read.setdefault((view, grain), defaultdict(dict))
        wanted = set(firsts)
        if asked := wanted - read[name].keys():
            if grain == DAY and view != views.WHOLE:
                asked |= self._ahead - read[name].keys()
            names = self._beside(name)
            for one in names:
                read[one] |= dict.fromkeys(asked)
            for one, found in blocks.read(names, view, grain, asked).items():
                read[one] |= dict(found)
        rows = ((first, read[name][first]) for first in sorted(wanted))
        return [(first, there) for first, there in rows if there is not None]

    def keys(self, dimension: str, value: str) -> list[Key]:
        """What a value in an address stands for."""
        keys: list[Key] = self.once(
            (dimension, value), lambda: registry.dimension(dimension).keys(value)
        )
        return keys

    def once(self, name: Hashable, find: Callable[[], Any]) -> Any:
        """What does not change meanwhile, looked up the first time."""
        if name not in self._once:
            self._once[name] = find()
        return self._once[name]

    @cached_property
    def words(self) -> Vocabulary:
        return Vocabulary.load()

    @cached_property
    def changed(self) -> dict[date, Slots]:
        return marks.pending()

    def lacks(self, name: str, period: Period) -> bool:
        """Too many whole days of a figure would be read raw."""
        last = today()
        days = [day for day in period.days if day <= last]
        there = self._there[name]
        if asked := {*days, *self._ahead} - there.keys():
            names = self._beside(name)
            rows = blocks.of(names, views.WHOLE, DAY).filter(first__in=asked)
            many = dict(rows.values_list("measure").annotate(n=Count("pk")))
            partly = [one for one in names if 0 < many.get(one, 0) < len(asked)]
            for one in names:
                self._there[one] |= dict.fromkeys(asked, one in many and one not in partly)
            if partly:
                for one, first in rows.filter(measure__in=partly).values_list("measure", "first"):
                    self._there[one][first] = True
        # where it was never counted, marks need not be looked at
        return sum(not there[day] for day in days) > MOST_UNKEPT or (
            sum(self.changed.get(day, set()) is None for day in days) > MOST_UNKEPT
        )


@contextmanager
def instant() -> Iterator[Instant]:
    """Marks, blocks and rows as of one moment, for every Cut that carries it; nothing is written
    meanwhile. In a transaction that runs already, of its moments."""
    if connection.in_atomic_block:
        yield Instant()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield Instant()


def _parts(
    measure: "Measure", period: Period, view: int, now: Instant, *, by_day: bool
) -> list[Entries] | None:
    """None: too much is not kept."""
    changed = {
        day: slots for day, slots in now.changed.items() if period.first <= day <= period.last
    }
    clean = set(period.days) - changed.keys()
    found: list[Entries] = []
    if not by_day and view != views.WHOLE:
        for first, rows in now.kept(measure.name, view, MONTH, _months(clean)):
            found.append(rows)
            clean -= set(month(first))
    for day, rows in now.kept(measure.name, view, DAY, clean):
        found.append(rows)
        clean.remove(day)
    unread: dict[date, Slots] = dict.fromkeys(clean)  # clean, but never counted
    for day, rows in now.kept(measure.name, views.WHOLE, DAY, changed.keys()):
        if (slots := changed.pop(day)) is not None:
            found.append(rows.where(~np.isin(SLOT.of(rows.key), sorted(slots))))
        unread[day] = slots
    unread |= dict.fromkeys(changed)
    last = today()
    if sum(slots is None and day <= last for day, slots in unread.items()) > MOST_UNKEPT:
        return None
    if unread:
        found.append(raw.read(measure, marks.moments(unread), now.words))
    return found


def _months(days: set[date]) -> list[date]:
    """Those of which every day is among these."""
    return [
        first for first in {day.replace(day=1) for day in days} if days.issuperset(month(first))
    ]


def _narrowed(found: Entries, where: Mapping[str, str], now: Instant) -> Entries:
    for name, value in where.items():
        meant = now.words.meant(name, now.keys(name, value))
        found = found.where(meant[FIELDS[name].of(found.key)])
    return found
