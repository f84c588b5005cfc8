"""Volumes, times and satisfaction, counted; `shipped` says them in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import Case, When
from django.db.models.functions import Greatest, TruncDate

from crm.models import Interaction, WorkSegment
from crm.reports.period import Cut, zone
from crm.reports.stats import wilson

BAND = (8 * 60, 10 * 60)  # seconds: where the mean chat handling time belongs


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
class Satisfaction:
    """Share of 4 and 5 with its 95 % interval, and the number of answers."""

    answers: int
    satisfied: int
    mean: float | None

    @property
    def share(self) -> float | None:
        return self.satisfied / self.answers if self.answers else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.satisfied, self.answers)


def offered(cut: Cut) -> QuerySet[Interaction]:
    return cut.exchanges()


def answered(cut: Cut) -> QuerySet[Interaction]:
    return cut.exchanges().filter(first_answer_at__isnull=False)


def abandoned(cut: Cut) -> QuerySet[Interaction]:
    return cut.exchanges().filter(outcome=Interaction.Outcome.ABANDONED)


def handled(cut: Cut) -> QuerySet[Interaction]:
    """Closed, and an agent had answered."""
    return cut.exchanges().filter(closed_at__isnull=False, first_answer_at__isnull=False)


def _segments(*kinds: str) -> Subquery:
    spent = WorkSegment.objects.filter(
        interaction=OuterRef("pk"), kind__in=kinds, until__isnull=False
    )
    total = (
        spent.order_by()
        .values("interaction")
        .annotate(total=Sum(F("until") - F("since"), output_field=DurationField()))
    )
    return Subquery(total.values("total"))


def conversation_rows(cut: Cut) -> QuerySet[Interaction]:
    """Handled chats and calls with `seconds`: first to last human line, pick-up to hang-up."""
    talked = Greatest("last_customer_at", "last_agent_at") - F("first_customer_at")
    rows = handled(cut).filter(channel__in=["chat", "callback"])
    return rows.annotate(
        seconds=Seconds(
            Case(
                When(channel="callback", then=_segments(WorkSegment.Kind.CALL)),
                default=talked,
                output_field=DurationField(),
            )
        )
    ).filter(seconds__isnull=False)


def handling_rows(cut: Cut) -> QuerySet[Interaction]:
    """Handled exchanges with `seconds`: a chat from assignment to the end of wrap-up; calls and
    mails by the agent's clock (their work segments)."""
    elapsed = F("handled_at") - F("assigned_at")
    return (
        handled(cut)
        .annotate(
            seconds=Seconds(
                Case(
                    When(channel="chat", then=elapsed),
                    default=_segments(*WorkSegment.Kind.values),
                    output_field=DurationField(),
                )
            )
        )
        .filter(seconds__isnull=False)
    )


def rated(cut: Cut) -> QuerySet[Interaction]:
    return cut.exchanges().filter(score__isnull=False)


def _by_channel(rows: QuerySet[Any], read: Any, **aggregates: Any) -> dict[str, Any]:
    cells = {row["channel"]: read(row) for row in _grouped(rows, "channel", aggregates)}
    cells[""] = read(rows.order_by().aggregate(**aggregates))
    return cells


def _grouped(rows: QuerySet[Any], by: str, aggregates: dict[str, Any]) -> QuerySet[Any]:
    return rows.order_by().values(by).annotate(**aggregates)


def counts(rows: QuerySet[Interaction]) -> Mapping[str, int]:
    return _by_channel(rows, lambda row: row["n"], n=Count("pk"))


_TIMES = {
    "n": Count("pk"),
    "mean": Avg("seconds"),
    "median": Percentile("seconds", 0.5),
    "p90": Percentile("seconds", 0.9),
}


def _times(row: Mapping[str, Any]) -> Times:
    return Times(row["n"], row["mean"], row["median"], row["p90"])


def times(rows: QuerySet[Interaction]) -> Mapping[str, Times]:
    return _by_channel(rows, _times, **_TIMES)


def satisfaction(rows: QuerySet[Interaction]) -> Mapping[str, Satisfaction]:
    return _by_channel(
        rows,
        lambda row: Satisfaction(row["n"], row["good"], row["mean"]),
        n=Count("pk"),
        good=Count("pk", filter=Q(score__gte=4)),
        mean=Avg("score"),
    )


def daily_counts(cut: Cut) -> dict[tuple[date, str], int]:
    """Offered per local day and channel."""
    rows = offered(cut).annotate(day=TruncDate("offered_at", tzinfo=zone()))
    found = rows.order_by().values("day", "channel").annotate(n=Count("pk"))
    return {(row["day"], row["channel"]): row["n"] for row in found}


def daily_handling(cut: Cut, channel: str = "chat") -> dict[date, Times]:
    """Handling times of one channel per local day."""
    rows = handling_rows(cut).filter(channel=channel)
    rows = rows.annotate(day=TruncDate("offered_at", tzinfo=zone()))
    return {row["day"]: _times(row) for row in _grouped(rows, "day", _TIMES)}


def handling_distribution(cut: Cut, channel: str = "chat") -> dict[int, int]:
    """How many handled exchanges per full minute; 30 stands for half an hour and more."""
    minute = Func(
        F("seconds") / 60.0,
        template="least(30, floor(%(expressions)s))::int",
        output_field=FloatField(),
    )
    rows = handling_rows(cut).filter(channel=channel).annotate(minute=minute)
    found = rows.order_by().values("minute").annotate(n=Count("pk"))
    return {int(row["minute"]): row["n"] for row in found}


def days_inside_band(days: Mapping[date, Times]) -> tuple[int, int]:
    """(days whose mean lies inside the band, days with a mean)."""
    means = [t.mean for t in days.values() if t.mean is not None]
    return sum(BAND[0] <= mean <= BAND[1] for mean in means), len(means)


def within(rows: QuerySet[Interaction], seconds: int) -> QuerySet[Interaction]:
    """Those whose first answer came within that time of the customer's first line."""
    return rows.filter(first_answer_at__lte=F("first_customer_at") + timedelta(seconds=seconds))
