"""Which half hours have changed since they were counted. Marks are written by triggers
(crm/migrations/0021_rollups.py) and taken away by who has counted them again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from django.db import connection

from crm.reports.period import HALF_HOUR, Moments, Period, zone

Slots = set[int] | None  # half hours of a day; None: all of it
_TOUCHED = """
WITH m AS (SELECT * FROM crm_reportmark {only})
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
"""


def slot(at: datetime) -> tuple[date, int]:
    """The local day of a moment, and its half hour in real time."""
    day = at.astimezone(zone()).date()
    return day, (at.astimezone(UTC) - Period(day, day).start.astimezone(UTC)) // HALF_HOUR


def touched(ids: Sequence[int] | None = None) -> dict[int, set[tuple[date, int | None]]]:
    """{mark: (day, half hour)…}, of these marks or of all; None: the whole day."""
    only = "" if ids is None else "WHERE id = ANY(%(ids)s)"
    found: dict[int, set[tuple[date, int | None]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED.format(only=only), {"ids": list(ids or [])})
        for mark, at, day in cursor.fetchall():
            if day is not None:
                found[mark].add((day, None))
            elif at is not None:
                found[mark].add(slot(at))
    return found


def by_day(places: set[tuple[date, int | None]]) -> dict[date, Slots]:
    found: dict[date, Slots] = {}
    for day, half_hour in places:
        known = found.setdefault(day, set())
        if half_hour is None:
            found[day] = None
        elif known is not None:
            known.add(half_hour)
    return found


def pending() -> dict[date, Slots]:
    """What is to be read raw."""
    return by_day({place for places in touched().values() for place in places})


def moments(days: Mapping[date, Slots]) -> Moments:
    """These half hours, as a stretch of time for the raw rows."""
    stretches = []
    for day, slots in sorted(days.items()):
        whole = Period(day, day)
        if slots is None:
            stretches.append((whole.start, whole.end))
            continue
        start = whole.start.astimezone(UTC)
        for slot in sorted(slots):
            since = start + slot * HALF_HOUR
            if stretches and stretches[-1][1] == since:
                stretches[-1] = (stretches[-1][0], since + HALF_HOUR)
            else:
                stretches.append((since, since + HALF_HOUR))
    return Moments(min(days), max(days), tuple(stretches))
