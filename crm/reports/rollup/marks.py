"""Which half hours have changed since they were counted. Marks are written by triggers
(crm/migrations/0021_rollups.py) and taken away by who has counted them again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Max

from crm.models import ReportMark
from crm.reports.period import HALF_HOUR, Moments, Period, zone

Slots = set[int] | None  # half hours of a day; None: all of it
Place = tuple[date, int | None]
# half hours of any zone begin at one of them: what lies in the same is told once
_QUARTER = "date_bin('15 minutes', at, '2000-01-01 00:00+00')"
_TOUCHED = """
WITH m AS (SELECT * FROM crm_reportmark {only}), touched (id, at, day) AS (
  SELECT id, at, NULL::date FROM m WHERE at IS NOT NULL
  UNION ALL SELECT id, NULL, day FROM m WHERE day IS NOT NULL
  UNION ALL
  SELECT m.id, moment.at, NULL FROM m JOIN crm_interaction i ON i.id = m.interaction_id
    LEFT JOIN crm_complaint c ON c.interaction_id = i.id
    CROSS JOIN LATERAL (VALUES (i.offered_at), (i.closed_at), (c.opened_at)) moment(at)
  UNION ALL  -- after which this customer may have come back (crm.reports.solution: WINDOW)
  SELECT m.id, earlier.offered_at, NULL FROM m JOIN crm_interaction i ON i.id = m.interaction_id
    JOIN crm_interaction earlier ON earlier.customer_id = i.customer_id
      AND earlier.opened_at < i.opened_at AND earlier.closed_at >= i.opened_at - interval '7 days'
  UNION ALL
  SELECT m.id, i.offered_at, NULL FROM m JOIN crm_interaction i ON i.customer_id = m.customer_id
)
SELECT DISTINCT {mark}, {quarter}, day FROM touched
"""


def slot(at: datetime) -> tuple[date, int]:
    """The local day of a moment, and its half hour in real time."""
    day = at.astimezone(zone()).date()
    return day, (at.astimezone(UTC) - Period(day, day).start.astimezone(UTC)) // HALF_HOUR


def touched(ids: Sequence[int]) -> dict[int, set[Place]]:
    """{mark: (day, half hour)…}; None: the whole day."""
    found: dict[int, set[Place]] = defaultdict(set)
    for mark, place in _resolved(ids, "id"):
        found[mark].add(place)
    return found


def places(ids: Sequence[int] | None = None) -> set[Place]:
    """The same of all these marks together, or of all there are."""
    return {place for _nothing, place in _resolved(ids, "NULL")}


def _resolved(ids: Sequence[int] | None, mark: str) -> Iterator[tuple[int, Place]]:
    only = "" if ids is None else "WHERE id = ANY(%(ids)s)"
    statement = _TOUCHED.format(only=only, mark=mark, quarter=_QUARTER)
    known: dict[datetime, Place] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids or [])})
        for which, at, day in cursor.fetchall():
            if day is not None:
                yield which, (day, None)
            elif at is not None:
                if at not in known:
                    known[at] = slot(at)
                yield which, known[at]


def by_day(found_at: Iterable[Place]) -> dict[date, Slots]:
    found: dict[date, Slots] = {}
    for day, half_hour in found_at:
        known = found.setdefault(day, set())
        if half_hour is None:
            found[day] = None
        elif known is not None:
            known.add(half_hour)
    return found


def pending() -> dict[date, Slots]:
    """What is to be read raw."""
    return by_day(places())


def fold(ids: Sequence[int]) -> None:
    """In place of these, a mark for each day that they touch: it is counted anew as a whole."""
    days = {day for day, _half_hour in places(ids)}
    ReportMark.objects.filter(pk__in=ids).delete()
    ReportMark.objects.bulk_create(ReportMark(day=day) for day in sorted(days))


@contextmanager
def by_the_day() -> Iterator[None]:
    """Around a bulk load, in its transaction: what it leaves is a mark for each day that it
    touched, not one for each row."""
    last = ReportMark.objects.aggregate(last=Max("pk"))["last"] or 0
    yield
    # others' since then go with ours, but for those that are just being taken away
    rows = ReportMark.objects.filter(pk__gt=last).select_for_update(skip_locked=True)
    fold(list(rows.values_list("pk", flat=True)))


def moments(days: Mapping[date, Slots]) -> Moments:
    """These half hours, as stretches of time for the raw rows."""
    stretches: list[tuple[datetime, datetime]] = []
    for day, slots in sorted(days.items()):
        for since, until in _stretches(Period(day, day), slots):
            if stretches and stretches[-1][1] == since:
                since = stretches.pop()[0]
            stretches.append((since, until))
    return Moments(min(days), max(days), tuple(stretches))


def _stretches(day: Period, slots: Slots) -> Iterator[tuple[datetime, datetime]]:
    start = day.start.astimezone(UTC)
    if slots is None:
        yield start, day.end.astimezone(UTC)
        return
    for number in sorted(slots):
        yield start + number * HALF_HOUR, start + (number + 1) * HALF_HOUR
