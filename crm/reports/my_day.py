"""An agent's own figures, week by week: nobody else's beside them, and no order of merit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm.models import Agent
from crm.reports import measures
from crm.reports.cut import Cut
from crm.reports.period import Period, today
from crm.reports.rollup import reading

WEEKS = 5  # this one and the four before
FIGURES = ("handled", "handling_time", "satisfaction")


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, or to today."""

    period: Period
    values: Mapping[str, Any]  # by the measure's name


def weeks(agent: Agent) -> list[Week]:
    """This one first."""
    last = today()
    monday = last - timedelta(days=last.weekday())
    periods = [Period(monday, last)] + [
        Period(monday - timedelta(weeks=n), monday - timedelta(weeks=n, days=-6))
        for n in range(1, WEEKS)
    ]
    with reading.instant() as now:
        now.together(FIGURES)
        now.ahead(Period(periods[-1].first, last))
        cuts = [Cut(period, {"agent": str(agent.pk)}, instant=now) for period in periods]
        return [Week(cut.period, _values(cut)) for cut in cuts]


def _values(cut: Cut) -> dict[str, Any]:
    return {name: measures.get(name).total(cut) for name in FIGURES}
