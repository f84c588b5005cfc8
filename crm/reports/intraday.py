"""The day in half hours: what came, what was answered in time, who was there. Buckets are stretches
of real time, so that the night of a change has two more or two fewer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import AgentState, Plan
from crm.reports import measures, people, words
from crm.reports.charts import plots
from crm.reports.cut import Cut
from crm.reports.period import HALF_HOUR, Period, zone
from crm.reports.values import Share, Times

WEEKS = 8  # of the same weekday, for what is usual


@dataclass(frozen=True)
class HalfHour:
    """One line of the page; None is not known, or not yet."""

    since: datetime
    offered: int
    usual: float | None  # offered: the median of the same weekday of the last weeks
    answered: int
    level: Share
    handling: Times | None
    present: float  # agents, on average
    planned: int | None
    occupancy: float | None

    @property
    def label(self) -> str:
        return f"{self.since:%H:%M}"


def half_hours(cut: Cut) -> list[HalfHour]:
    """Of the period's last day; of today, up to now."""
    day = replace(cut, period=Period(cut.period.last, cut.period.last))
    offered, answered, level = (
        measures.get(name).by_half_hour(day) for name in ("offered", "answered", "service_level")
    )
    handling = measures.get("handling_time").by_half_hour(day.with_("channel", "chat"))
    usual, planned, time = _usual(day), _planned(day), _time(day)
    found = []
    for since in _starts(day):
        paid, busy, here = time.get(since, (0.0, 0.0, 0.0))
        found.append(
            HalfHour(
                since=since.astimezone(zone()),
                offered=offered.get(since, 0),
                usual=usual.get(f"{since.astimezone(zone()):%H:%M}", 0) if usual else None,
                answered=answered.get(since, 0),
                level=level.get(since, Share(0, 0)),
                handling=handling.get(since),
                present=here / HALF_HOUR.total_seconds(),
                planned=planned.get(since),
                occupancy=busy / paid if paid else None,
            )
        )
    return found


def _starts(day: Cut) -> list[datetime]:
    """The half hours that have begun."""
    since, found = day.period.start.astimezone(UTC), []
    while since < min(day.period.end.astimezone(UTC), clock.now().astimezone(UTC)):
        found.append(since)
        since += HALF_HOUR
    return found


def _usual(day: Cut) -> Mapping[str, float]:
    """By the wall's clock."""
    counts: dict[str, list[int]] = defaultdict(list)
    for week in range(1, WEEKS + 1):
        back = day.period.first - timedelta(weeks=week)
        earlier = replace(day, period=Period(back, back))
        for since, n in measures.get("offered").by_half_hour(earlier).items():
            counts[f"{since.astimezone(zone()):%H:%M}"].append(n)
    return {label: median([*n, *[0] * (WEEKS - len(n))]) for label, n in counts.items()}


def _planned(day: Cut) -> Mapping[datetime, int]:
    """Seats planned, of the queue asked for or of all."""
    rows = Plan.objects.filter(starts_at__gte=day.period.start, starts_at__lt=day.period.end)
    if queue := day.where.get("queue"):
        rows = rows.filter(queue__slug__in=registry.dimension("queue").keys(queue))
    found: Any = rows.order_by().values("starts_at").annotate(seats=Sum("seats"))
    return {row["starts_at"]: row["seats"] for row in found}


def _time(day: Cut) -> Mapping[datetime, tuple[float, float, float]]:
    """Seconds (paid for answering, busy, present) per half hour, of the site or team asked for."""
    where = {name: value for name, value in day.where.items() if name in people.OF_AGENT}
    states = people.present_states(replace(day, where=where, part=None))
    found: dict[datetime, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for state, since, until in states.values_list("state", "lo", "hi"):
        at = day.period.start.astimezone(UTC)
        at += (since.astimezone(UTC) - at) // HALF_HOUR * HALF_HOUR
        while at < until:
            spent = (min(until, at + HALF_HOUR) - max(since, at)).total_seconds()
            cell = found[at]
            cell[0] += spent * (state in people.PAID)
            cell[1] += spent * (state in people.WORK)
            cell[2] += spent * (state in AgentState.READY)
            at += HALF_HOUR
    return {at: (cell[0], cell[1], cell[2]) for at, cell in found.items()}


def plot(found: list[HalfHour]) -> plots.Plot:
    return plots.lines(
        _("Offered per half hour"),
        [one.label for one in found],
        [
            plots.Series("chat", _("offered"), [one.offered for one in found]),
            plots.Series("mail", _("usual"), [one.usual for one in found], dash="2 3"),
        ],
        say=words.number,
        whole=True,
        first_column=_("Half hour"),
    )


def lines(found: list[HalfHour]) -> list[list[str]]:
    """The table's cells, those without anything at night left out."""
    return [
        [
            one.label,
            words.count(one.offered),
            "–" if one.usual is None else words.number(one.usual),
            words.count(one.answered),
            words.percent(one.level.share),
            words.duration(one.handling.mean if one.handling else None),
            words.number(round(one.present, 1)),
            "–" if one.planned is None else words.count(one.planned),
            words.percent(one.occupancy),
        ]
        for one in found
        if one.offered or one.usual or one.present or one.planned
    ]
