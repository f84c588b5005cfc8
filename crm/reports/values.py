"""What a figure can be: a number, a share, times, an answer on a scale, an amount; and how rows
become it. Each value knows how many rows it rests on: `count`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Any

import numpy as np
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Count,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
)
from django.db.models import Value as Literal
from django.db.models.expressions import Case, When
from numpy.typing import NDArray

from crm.reports import stats

Row = Mapping[str, Any]
Numbers = NDArray[np.int64]


class Percentile(Aggregate):
    """percentile_cont within the group, the median and p90 of SQL."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) within group (order by %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


class Seconds(Func):
    """A duration in seconds."""

    template = "extract(epoch from %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Times:
    """Mean, median and p90 are always shown together; seconds."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    count: int

    @property
    def share(self) -> float | None:
        return self.part / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return stats.wilson(self.part, self.count)


@dataclass(frozen=True)
class Scores:
    """Answers on a scale: how many gave each step. `good` is the first step of the satisfied."""

    steps: Mapping[int, int]
    good: int

    @property
    def count(self) -> int:
        return sum(self.steps.values())

    @property
    def satisfied(self) -> int:
        return sum(n for step, n in self.steps.items() if step >= self.good)

    @property
    def share(self) -> float | None:
        return self.satisfied / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the share (Wilson)."""
        return stats.wilson(self.satisfied, self.count)

    @property
    def mean(self) -> float | None:
        return stats.mean(self.steps)

    @property
    def mean_interval(self) -> tuple[float, float] | None:
        """Of the mean (bootstrap)."""
        return stats.bootstrap(self.steps)


@dataclass(frozen=True)
class Points(Scores):
    """Recommendation, from -100 to +100: the share of 9 and 10 less that of 0 to 6."""

    @property
    def weights(self) -> dict[float, int]:
        found = {-100.0: 0, 0.0: 0, 100.0: 0}
        for step, n in self.steps.items():
            found[100.0 if step >= self.good else -100.0 if step <= 6 else 0.0] += n
        return found

    @property
    def points(self) -> float | None:
        return stats.mean(self.weights)

    @property
    def points_interval(self) -> tuple[float, float] | None:
        return stats.bootstrap(self.weights)


@dataclass(frozen=True)
class Amount:
    """Money, of so many."""

    count: int
    total: Decimal


@dataclass(frozen=True)
class Ratio:
    """Something per something else, of so many rows."""

    count: int
    above: float
    below: float

    @property
    def value(self) -> float | None:
        return self.above / self.below if self.below else None


@dataclass(frozen=True)
class AtOnce(Ratio):
    """Chats per busy second, with the seconds at one, two, and three or more chats."""

    at: tuple[float, float, float] = (0, 0, 0)

    @property
    def shares(self) -> tuple[float, ...] | None:
        return tuple(one / self.below for one in self.at) if self.below else None


Value = int | Times | Share | Scores | Amount | Ratio


def count(value: Value) -> int:
    """How many rows stand behind it: what a click on it opens."""
    return value if isinstance(value, int) else value.count


@dataclass(frozen=True)
class Distribution:
    """How many rows have which value, in order; `total` is their exact sum, in micro-units."""

    values: Numbers
    n: Numbers
    total: int

    @property
    def count(self) -> int:
        return int(self.n.sum())

    @property
    def mean(self) -> float:
        return float(self.total) / _MILLION / self.count

    def having(self, value: int) -> int:
        return int(self.n[self.values == value].sum())

    def percentile(self, share: float) -> float:
        """Between two neighbours, in proportion, as SQL's percentile_cont."""
        until = np.cumsum(self.n)
        place = share * (self.count - 1)
        low, high = (
            float(self.values[np.searchsorted(until, round_(place), side="right")])
            for round_ in (floor, ceil)
        )
        return low + (place - floor(place)) * (high - low)


@dataclass(frozen=True)
class Reading:
    """How rows become a value: by aggregates in SQL, or from their distribution as it is kept
    (crm.reports.rollup). Both give the same."""

    aggregates: Mapping[str, Any]
    read: Callable[[Row], Any]
    # of a row, as whole numbers: what is distributed, and what the exact sum is made of
    value: Any = Literal(0)
    micros: Any = Literal(0)
    made: Callable[[Distribution], Any] | None = None  # None: no distribution tells it

    def of(self, rows: QuerySet[Any]) -> Any:
        return self.read(rows.order_by().aggregate(**self.aggregates))

    def by(self, rows: QuerySet[Any], path: Any) -> dict[Any, Any]:
        found = rows.order_by().values(group_key=path).annotate(**self.aggregates)
        return {row["group_key"]: self.read(row) for row in found}

    def by_both(self, rows: QuerySet[Any], one: Any, other: Any) -> dict[Any, Any]:
        """{(key, key): value}."""
        found = rows.order_by().values(group_key=one, group_other=other)
        found = found.annotate(**self.aggregates)
        return {(row["group_key"], row["group_other"]): self.read(row) for row in found}


COUNTED = Reading({"n": Count("pk")}, lambda row: row["n"], made=lambda found: found.count)


def stepped(seconds: Any) -> Func:
    """To the second up to one hour, to the minute above: what medians are made of everywhere, so
    that a figure is the same however it was counted."""
    return Func(seconds, function="crm_report_step", output_field=IntegerField())


_MILLION = 1_000_000
_MICROS = Func(
    F("seconds"),
    template=f"round(%(expressions)s * {_MILLION})::bigint",
    output_field=BigIntegerField(),
)


def _mean(micros: int | None, n: int) -> float | None:
    return float(micros) / _MILLION / n if n and micros is not None else None


def _times(found: Distribution) -> Times:
    if not found.count:
        return Times(0, None, None, None)
    return Times(found.count, found.mean, found.percentile(0.5), found.percentile(0.9))


LASTING = Reading(
    {
        "n": Count("seconds"),
        "micros": Sum(_MICROS),
        "median": Percentile(stepped(F("seconds")), 0.5),
        "p90": Percentile(stepped(F("seconds")), 0.9),
    },
    lambda row: Times(row["n"], _mean(row["micros"], row["n"]), row["median"], row["p90"]),
    stepped(F("seconds")),
    _MICROS,
    _times,
)


def shared(part: Q) -> Reading:
    """Rows that are so, of all rows."""
    aggregates = {"n": Count("pk"), "part": Count("pk", filter=part)}
    return Reading(
        aggregates,
        lambda row: Share(row["part"], row["n"]),
        Case(When(part, then=1), default=0, output_field=IntegerField()),
        made=lambda found: Share(found.having(1), found.count),
    )


def scored(path: str, steps: range, good: int, made: type[Scores] = Scores) -> Reading:
    """Answers on a scale."""
    aggregates = {f"step_{step}": Count("pk", filter=Q(**{path: step})) for step in steps}
    return Reading(
        aggregates,
        lambda row: made({step: row[f"step_{step}"] for step in steps}, good),
        F(path),
        made=lambda found: made({step: found.having(step) for step in steps}, good),
    )


def summed(path: str) -> Reading:
    """Money, exact to the cent."""
    aggregates = {"n": Count("pk"), "total": Sum(path, default=Decimal(0))}
    return Reading(
        aggregates,
        lambda row: Amount(row["n"], row["total"]),
        micros=F(path) * _MILLION,
        made=lambda found: Amount(found.count, Decimal(found.total) / _MILLION),
    )
