"""Self-service, counted honestly: who came for help and needed nobody (practice: two lines).

1. Of the visits that came for help, the share that ended without asking for somebody.
2. Of those of them whose person we know, the share after which that person asked nobody about the
   same subject within seven days; beside it, how many of the visits that covers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from crm import clock
from crm.reports.charts import plots
from crm.reports.cut import Cut
from crm.reports.period import zone
from crm.reports.values import shared
from selfcare.reports import visits

TARGET = 0.8
WINDOW = timedelta(days=visits.WINDOW_DAYS)
_DAY = TruncDate("started_at", tzinfo=zone())


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


def figures(cut: Cut) -> Found:
    """Two queries, whatever the number of days."""
    period = cut.period
    days: dict[date, Counts] = {day: Counts() for day in period.days}
    for day, one in shared(visits.ALONE).by(visits.for_help(cut), _DAY).items():
        days[day].visits, days[day].alone = one.count, one.part
    for day, one in shared(visits.QUIET).by(visits.known(cut), _DAY).items():
        days[day].known, days[day].quiet = one.count, one.part
    found = Found(days=days)
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
