"""What a figure can be: a number, a share, times, an answer on a scale, an amount; and how rows
become it. Each value knows how many rows it rests on: `count`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Avg, Count, FloatField, Func, Q, QuerySet, Sum

from crm.reports import stats

Row = Mapping[str, Any]


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


Value = int | Times | Share | Scores | Amount | Ratio


def count(value: Value) -> int:
    """How many rows stand behind it: what a click on it opens."""
    return value if isinstance(value, int) else value.count


@dataclass(frozen=True)
class Reading:
    """How rows become a value: aggregates, and what is made of them."""

    aggregates: Mapping[str, Any]
    read: Callable[[Row], Any]

    def of(self, rows: QuerySet[Any]) -> Any:
        return self.read(rows.order_by().aggregate(**self.aggregates))

    def by(self, rows: QuerySet[Any], path: Any) -> dict[Any, Any]:
        found = rows.order_by().values(group_key=path).annotate(**self.aggregates)
        return {row["group_key"]: self.read(row) for row in found}


COUNTED = Reading({"n": Count("pk")}, lambda row: row["n"])
LASTING = Reading(
    {
        "n": Count("seconds"),
        "mean": Avg("seconds"),
        "median": Percentile("seconds", 0.5),
        "p90": Percentile("seconds", 0.9),
    },
    lambda row: Times(row["n"], row["mean"], row["median"], row["p90"]),
)


def shared(part: Q) -> Reading:
    """Rows that are so, of all rows."""
    aggregates = {"n": Count("pk"), "part": Count("pk", filter=part)}
    return Reading(aggregates, lambda row: Share(row["part"], row["n"]))


def scored(path: str, steps: range, good: int, made: type[Scores] = Scores) -> Reading:
    """Answers on a scale."""
    aggregates = {f"step_{step}": Count("pk", filter=Q(**{path: step})) for step in steps}

    def read(row: Row) -> Scores:
        return made({step: row[f"step_{step}"] for step in steps}, good)

    return Reading(aggregates, read)


def summed(path: str) -> Reading:
    aggregates = {"n": Count("pk"), "total": Sum(path, default=Decimal(0))}
    return Reading(aggregates, lambda row: Amount(row["n"], row["total"]))
