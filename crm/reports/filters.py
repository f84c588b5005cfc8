"""What a page of figures can be narrowed to, as its form shows it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm import registry
from crm.reports.cut import Cut
from crm.reports.dimensions import NONE, Dimension
from crm.reports.period import NAMED, PRESETS, Period, named

ALWAYS = ("channel", "queue", "place")  # the others fold away until one is chosen


@dataclass(frozen=True)
class Filter:
    """One select of the form."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]

    @property
    def chosen(self) -> str:
        """In words; "" when it narrows nothing."""
        return dict(self.choices).get(self.value, "")

    @property
    def always(self) -> bool:
        return self.name in ALWAYS


@dataclass(frozen=True)
class Choice:
    """How the form says the days: one of the presets, or dates; and what they are beside."""

    presets: list[tuple[str, str]]
    preset: str  # "" for dates
    dates: tuple[str, str]
    versus: str
    before: Period | None  # None: the page says itself what it compares with


def period_of(query: Any, cut: Cut) -> Choice:
    """As the address has it: dates stay dates, whatever their number."""
    free = bool(query.get("from") or query.get("to"))
    first, last = cut.period.first, cut.period.last
    presets = [(str(count), _last_days(count)) for count in PRESETS]
    presets += zip(NAMED, (_("yesterday"), _("last week"), _("last month")), strict=True)
    preset = "" if free else query.get("days") or ""
    if not (free or preset):
        preset = _preset(cut.period)
    known = preset in dict(presets)
    dates = ("", "") if known else (first.isoformat(), last.isoformat())
    return Choice(presets, preset if known else "", dates, cut.versus, cut.before().period)


def _preset(period: Period) -> str:
    """What a page shows when nothing is asked."""
    return next((name for name in NAMED if named(name) == period), str(len(period.days)))


def _last_days(count: int) -> str:
    if count == 1:
        return _("today")
    return _("last %(n)d days") % {"n": count}


def every(cut: Cut) -> list[Filter]:
    return [_filter(one, cut) for one in registry.dimensions() if one.name != "state"]


def _filter(dimension: Dimension, cut: Cut) -> Filter:
    known = dimension.choices()
    choices = [(str(key), str(label)) for key, label in known.items()]
    choices.append((NONE, dimension.label_of(None, known)))
    value = cut.where.get(dimension.name, "")
    return Filter(dimension.name, str(dimension.label), value, choices)
