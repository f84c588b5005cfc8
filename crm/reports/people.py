"""Agents' time: how full it was, how many chats ran at once, and what an exchange took of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from crm import clock
from crm.models import AgentState, ReportSettings, WorkSegment
from crm.models.ledger import LONG, runs_long
from crm.reports.cut import Cut
from crm.reports.dimensions import Dimension
from crm.reports.figures import Exchanges, handled
from crm.reports.values import AtOnce, Ratio, Reading, Seconds

State = AgentState.State
WORK = [State.WORKING, State.WRAP_UP]
PAID = [*WORK, State.AVAILABLE]
OF_AGENT = {"agent": "agent", "team": "agent__team", "place": "agent__team__place"}
OF_STATE = {**OF_AGENT, "state": "state"}
OF_SEGMENT = {**OF_AGENT, "queue": "interaction__queue__slug", "language": "interaction__language"}

# per agent (and key) the moments at which the number of open segments changes
_OPEN = """
edges AS (
  SELECT key, agent_id, lo AS at, 1 AS step FROM beside
  UNION ALL SELECT key, agent_id, hi, -1 FROM beside
), moments AS (
  SELECT key, agent_id, at, sum(step) AS step FROM edges GROUP BY 1, 2, 3
), open AS (
  SELECT key, agent_id, at, sum(step) OVER w AS n,
    extract(epoch FROM lead(at) OVER w - at)::float AS len
  FROM moments WINDOW w AS (PARTITION BY key, agent_id ORDER BY at)
)
"""
_AT_ONCE = f"""
WITH beside AS (%s), {_OPEN}
SELECT key, sum(n * len)::float, sum(len)::float, sum(len) FILTER (WHERE n = 1),
       sum(len) FILTER (WHERE n = 2), sum(len) FILTER (WHERE n >= 3),
       (SELECT count(*) FROM beside b WHERE b.key IS NOT DISTINCT FROM open.key)
FROM open WHERE n > 0 GROUP BY key
"""  # noqa: S608 (built from constants and a queryset's own SQL)
# each moment of an agent is shared equally among what is open with them
_SHARED = f"""
WITH asked AS (%s), mine AS (
  SELECT asked.key, asked.pk AS id, s.agent_id, s.since, s.until
  FROM asked JOIN crm_worksegment s ON s.interaction_id = asked.pk WHERE s.until IS NOT NULL
), beside AS (
  SELECT 0 AS key, agent_id, since AS lo, coalesce(until, greatest(since, %%s)) AS hi
  FROM crm_worksegment
  WHERE agent_id IN (SELECT agent_id FROM mine)
    AND since < (SELECT max(until) FROM mine)
    AND (until IS NULL OR until > (SELECT min(since) FROM mine))
), {_OPEN}, clock AS (
  SELECT agent_id, at, coalesce(sum(CASE WHEN n > 0 THEN len / n ELSE 0 END) OVER (
    PARTITION BY agent_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS spent
  FROM open
)
SELECT mine.key, count(DISTINCT mine.id), sum(ended.spent - began.spent)::float
FROM mine JOIN clock began ON (began.agent_id, began.at) = (mine.agent_id, mine.since)
          JOIN clock ended ON (ended.agent_id, ended.at) = (mine.agent_id, mine.until)
WHERE mine.until > mine.since
GROUP BY mine.key
"""  # noqa: S608


def _clipped(rows: QuerySet[Any], cut: Cut) -> QuerySet[Any]:
    """What lies in the period, from `lo` to `hi`; what runs is counted until now."""
    start, end = _moment(cut.period.start), _moment(cut.period.end)
    now = _moment(clock.now())
    rows = rows.filter(since__lt=min(cut.period.end, clock.now()))
    rows = rows.filter(Q(until=None) | Q(until__gt=cut.period.start))
    rows = rows.filter(Q(since__gte=cut.period.start - LONG) | runs_long())  # an index each
    return rows.annotate(
        lo=Greatest(F("since"), start), hi=Least(Coalesce(F("until"), Greatest("since", now)), end)
    )


def _moment(at: Any) -> Value:
    return Value(at, output_field=DateTimeField())


# -- states


def present_states(cut: Cut) -> QuerySet[Any]:
    """With `seconds` inside the period; offline is nobody's time."""
    rows = AgentState.objects.exclude(state=State.OFFLINE)
    rows = _clipped(cut.narrow(rows, OF_STATE), cut)
    return rows.annotate(seconds=Seconds(F("hi") - F("lo")))


def working_states(cut: Cut) -> QuerySet[AgentState]:
    return present_states(cut).filter(state__in=PAID)


OCCUPIED = Reading(
    {
        "n": Count("pk"),
        "busy": Sum("seconds", filter=Q(state__in=WORK), default=0.0),
        "all": Sum("seconds", default=0.0),
    },
    lambda row: Ratio(row["n"], row["busy"], row["all"]),
)
IN_STATES = Reading(
    {"n": Count("pk"), "all": Sum("seconds", default=0.0)},
    lambda row: Ratio(row["n"], row["all"], 1),
)


# -- several chats at once


def chat_segments(cut: Cut) -> QuerySet[WorkSegment]:
    rows = WorkSegment.objects.filter(interaction__channel="chat", kind=WorkSegment.Kind.WRITE)
    return _clipped(cut.narrow(rows, OF_SEGMENT), cut)


def concurrency(cut: Cut, dimension: Dimension | None) -> Mapping[Any, AtOnce]:
    key = dimension.path(OF_SEGMENT, cut.period) if dimension else Value("")
    rows = chat_segments(cut).order_by().annotate(key=key)
    found = {
        row[0]: AtOnce(row[6], row[1], row[2], (row[3] or 0.0, row[4] or 0.0, row[5] or 0.0))
        for row in _asked(_AT_ONCE, rows.values("key", "agent_id", "lo", "hi"))
    }
    return found if dimension else {"": found.get("", AtOnce(0, 0, 0))}


def workload(cut: Cut, dimension: Dimension | None) -> Mapping[Any, Ratio]:
    """The agent's clock per exchange worked on, shared among what was open at each instant."""
    key = dimension.expression(cut.period) if dimension else Value("")
    rows = worked_on(cut).order_by().annotate(key=key).values("key", "pk")
    found = {key: Ratio(n, spent, n) for key, n, spent in _asked(_SHARED, rows, clock.now())}
    return found if dimension else {"": found.get("", Ratio(0, 0, 0))}


def worked_on(cut: Cut) -> Exchanges:
    """Handled exchanges that took some of an agent's time."""
    spent = WorkSegment.objects.filter(
        interaction=OuterRef("pk"), until__isnull=False, until__gt=F("since")
    )
    return handled(cut).filter(Exists(spent))


def cost(cut: Cut, dimension: Dimension | None) -> Mapping[Any, Ratio]:
    """Workload at the hourly cost; the time waited for work is shared out over all of it."""
    wage = float(ReportSettings.read().hourly_cost)
    house = replace(cut, where={}, part=None)
    busy = OCCUPIED.of(working_states(house)).value or 1.0
    return {
        key: Ratio(one.count, one.above / 3600 * wage / busy, one.below)
        for key, one in workload(cut, dimension).items()
    }


def _asked(sql: str, rows: QuerySet[Any, Any], *more: Any) -> list[tuple[Any, ...]]:
    """A statement around a queryset's own."""
    inner, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql % inner, [*params, *more])
        return cursor.fetchall()
