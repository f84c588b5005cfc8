"""Self-service, counted honestly: who came for help and needed nobody (practice: two lines).

1. Of the visits that came for help, the share that ended without asking for somebody.
2. Of those of them whose person we know, the share after which that person asked nobody about the
   same subject within seven days; beside it, how many of the visits that covers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from crm import clock
from crm.reports.charts import plots
from crm.reports.period import Period

TARGET = 0.8
WINDOW = timedelta(days=7)

_SQL = """
WITH helped AS (
  SELECT v.id, v.customer_id, v.started_at,
         (v.started_at AT TIME ZONE %(zone)s)::date AS day,
         EXISTS (SELECT 1 FROM crm_visitstep s WHERE s.visit_id = v.id AND s.kind = 'ask')
         OR EXISTS (SELECT 1 FROM crm_interaction i
                    WHERE i.visit_id = v.id AND i.offered_at IS NOT NULL) AS asked
  FROM crm_visit v
  WHERE v.started_at >= %(start)s AND v.started_at < %(end)s
    AND EXISTS (
      SELECT 1 FROM crm_visitstep s WHERE s.visit_id = v.id AND (
        s.kind IN ('search', 'action')
        OR s.kind = 'article' AND (
          s.value >= 10 OR s.value IS NULL AND v.last_at >= s.at + interval '10 seconds')))
)
SELECT day, count(*), count(*) FILTER (WHERE NOT asked),
       count(*) FILTER (WHERE customer_id IS NOT NULL),
       count(*) FILTER (WHERE customer_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM crm_interaction i
         WHERE i.customer_id = helped.customer_id AND i.offered_at IS NOT NULL
           AND i.opened_at >= helped.started_at
           AND i.opened_at < helped.started_at + %(window)s
           AND (i.subject_id IS NULL OR NOT EXISTS (
                  SELECT 1 FROM crm_visitstep s JOIN selfcare_article a ON a.external_id = s.target
                  WHERE s.visit_id = helped.id AND s.kind = 'article' AND a.subject_id IS NOT NULL)
                OR i.subject_id IN (
                  SELECT a.subject_id FROM crm_visitstep s
                  JOIN selfcare_article a ON a.external_id = s.target
                  WHERE s.visit_id = helped.id AND s.kind = 'article'))))
FROM helped GROUP BY day ORDER BY day
"""


@dataclass
class Counts:
    """Visits; a share is None where there is nothing to divide by."""

    visits: int = 0  # came for help
    alone: int = 0  # and asked for nobody in the same visit
    known: int = 0  # whose person we know
    quiet: int = 0  # of these, without an exchange on the subject in the next seven days

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.visits + other.visits,
            self.alone + other.alone,
            self.known + other.known,
            self.quiet + other.quiet,
        )

    @property
    def share(self) -> float | None:
        return self.alone / self.visits if self.visits else None

    @property
    def known_share(self) -> float | None:
        return self.quiet / self.known if self.known else None

    @property
    def coverage(self) -> float | None:
        return self.known / self.visits if self.visits else None


@dataclass
class Found:
    all: Counts = field(default_factory=Counts)
    days: dict[date, Counts] = field(default_factory=dict)
    provisional: bool = False  # the last seven days can still become worse


def figures(period: Period) -> Found:
    """One query."""
    asked: dict[str, Any] = {
        "zone": settings.TIME_ZONE, "start": period.start, "end": period.end, "window": WINDOW
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SQL, asked)
        days = {row[0]: Counts(*row[1:]) for row in cursor.fetchall()}
    found = Found(days={day: days.get(day, Counts()) for day in period.days})
    found.all = sum(found.days.values(), Counts())
    found.provisional = period.end + WINDOW > clock.now()
    return found


def plot(found: Found, say: Callable[[float], str], name: Callable[[date], str]) -> plots.Plot:
    series = [
        plots.Series(
            "selfcare", _("without asking anybody"), [d.share for d in found.days.values()]
        ),
        plots.Series(
            "callback",
            _("known customers, nobody within 7 days"),
            [d.known_share for d in found.days.values()],
            dash="2 3",
        ),
    ]
    return plots.lines(
        _("Self-service by day"),
        [name(day) for day in found.days],
        series,
        say=say,
        band=(TARGET, TARGET + 0.01),  # a line: everything above is well
        band_label=_("target: %(share)s and more") % {"share": say(TARGET)},
        first_column=_("Day"),
    )
