"""What a Cut asks of the figures that are kept: blocks of clean days and months, raw rows of what
has changed since. None where it is not kept: then the raw rows are asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
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
    return found.of_all() if found else None


def by(measure: "Measure", cut: Cut, dimension: str) -> Found | None:
    found = _asked(measure, cut, [dimension])
    return found.by(found.keys_of(dimension)) if found else None


def by_with_total(
    measure: "Measure", cut: Cut, dimension: str
) -> tuple[Found, Distribution] | None:
    """The parts and the whole, read once."""
    found = _asked(measure, cut, [dimension])
    return (found.by(found.keys_of(dimension)), found.of_all()) if found else None


def by_day(
    measure: "Measure", cut: Cut, dimension: str
) -> dict[tuple[date, Key], Distribution] | None:
    """{(local day, key)}."""
    found = _asked(measure, cut, [dimension], by_day=True)
    if found is None:
        return None
    days: Found = found.by((date.fromordinal, found.entries.day), found.keys_of(dimension))
    return days


def by_half_hour(measure: "Measure", cut: Cut) -> dict[datetime, Distribution] | None:
    """Of one day: {when it begins}."""
    found = _asked(measure, cut, [], [SLOT], by_day=True)
    if found is None:
        return None
    start = cut.period.start.astimezone(UTC)
    return found.by((lambda slot: start + slot * HALF_HOUR, SLOT.of(found.entries.key)))


@dataclass(frozen=True)
class Answered:
    """The entries of a Cut, and the words to tell them by."""

    entries: Entries
    words: Vocabulary

    def of_all(self) -> Distribution:
        return self.by((lambda zero: zero, np.zeros(len(self.entries.key), np.int64))).get(
            0, Distribution(*_EMPTY, 0)
        )

    def keys_of(self, dimension: str) -> tuple[Callable[[int], Key], Numbers]:
        return self.words.keys(dimension), FIELDS[dimension].of(self.entries.key)

    def by(self, *told: tuple[Callable[[int], Key], Numbers]) -> Found:
        """Under what each of them makes of its numbers; of several, under all of them."""
        if not len(self.entries.key):
            return {}
        keys = [_named(*one) for one in told]
        group, names = keys[0]
        for number, more in keys[1:]:
            group = group * len(more) + number
            names = [(*_tuple(one), another) for one in names for another in more]
        one = self.entries
        found = Entries(one.day * 0, group, one.value, one.n, one.total).reduced()
        numbers, begins = np.unique(found.key, return_index=True)
        ends = [*begins[1:], len(found.key)]
        return {
            names[number]: Distribution(
                found.value[since:until], found.n[since:until], int(found.total[since:until].sum())
            )
            for number, since, until in zip(numbers, begins, ends, strict=True)
        }


_EMPTY = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def _tuple(one: Key) -> tuple[Key, ...]:
    return one if isinstance(one, tuple) else (one,)


def _named(name: Callable[[int], Key], numbers: Numbers) -> tuple[Numbers, list[Key]]:
    """Numbers that have one name become one."""
    different, where = np.unique(numbers, return_inverse=True)
    names: dict[Key, int] = {}
    places = [names.setdefault(name(number), len(names)) for number in different.tolist()]
    return np.array(places, np.int64)[where], list(names)


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
        self._lacks: dict[tuple[str, Period], bool] = {}
        self._together: frozenset[str] = frozenset()
        self._read: dict[tuple[int, str, frozenset[date]], dict[str, blocks.Read]] = {}
        self._keys: dict[tuple[str, str], list[Key]] = {}

    def together(self, names: Iterable[str]) -> None:
        """These figures will be asked for: what one needs is read for all."""
        self._together |= set(names)

    def _beside(self, name: str) -> frozenset[str]:
        return self._together if name in self._together else frozenset([name])

    def kept(self, name: str, view: int, grain: str, firsts: Iterable[date]) -> blocks.Read:
        """What is kept of a figure, oldest first."""
        key = (view, grain, frozenset(firsts))
        read = self._read.setdefault(key, {})
        if name not in read:
            read |= blocks.read(self._beside(name) - read.keys(), view, grain, key[2])
        return read[name]

    def keys(self, dimension: str, value: str) -> list[Key]:
        """What a value in an address stands for."""
        if (dimension, value) not in self._keys:
            self._keys[dimension, value] = registry.dimension(dimension).keys(value)
        return self._keys[dimension, value]

    @cached_property
    def words(self) -> Vocabulary:
        return Vocabulary.load()

    @cached_property
    def changed(self) -> dict[date, Slots]:
        return marks.pending()

    def lacks(self, name: str, period: Period) -> bool:
        """Too many whole days of a figure would be read raw."""
        if (name, period) not in self._lacks:
            days = [day for day in period.days if day <= today()]
            names = self._beside(name)
            rows = blocks.of(names, views.WHOLE, DAY).filter(first__in=days)
            there = dict(rows.values_list("measure").annotate(n=Count("pk")))
            for one in names:
                # where it was never counted, marks need not be looked at
                self._lacks[one, period] = len(days) - there.get(one, 0) > MOST_UNKEPT or (
                    sum(self.changed.get(day, set()) is None for day in days) > MOST_UNKEPT
                )
        return self._lacks[name, period]


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
    if sum(slots is None and day <= today() for day, slots in unread.items()) > MOST_UNKEPT:
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
        wanted = now.keys(name, value)
        numbers = FIELDS[name].of(found.key)
        key = now.words.keys(name)
        kept = [number for number in np.unique(numbers).tolist() if key(number) in wanted]
        found = found.where(np.isin(numbers, kept))
    return found
