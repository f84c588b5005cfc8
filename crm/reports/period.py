"""The stretch of days a report is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DateTimeField, DurationField, F, Func, Q, Value

from crm import clock

HALF_HOUR = timedelta(minutes=30)
PRESETS = (1, 7, 14, 28, 90)  # days, today included
NAMED = ("yesterday", "last_week", "last_month")  # whole ones that are over
MAX_DAYS = 366
_YEAR = timedelta(weeks=52)
YEARS = range(2000, 2200)  # beyond them, calendars and databases run out of days


class BadQuestion(ValueError):
    """The address asks for something that is not a period, a queue, …: `str()` says which."""


@dataclass(frozen=True)
class Period:
    """Whole local days, both ends included."""

    first: date
    last: date

    @cached_property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), zone())

    @property
    def end(self) -> datetime:
        """The instant after its last one."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone())

    def within(self, moment: str) -> Q:
        """The rows of which that moment lies in it."""
        return Q(**{f"{moment}__gte": self.start, f"{moment}__lt": self.end})

    def before(self) -> "Period":
        """As many days, just before: what it is compared with."""
        length = len(self.days)
        return Period(self.first - timedelta(days=length), self.first - timedelta(days=1))

    def year_before(self) -> "Period":
        """The same weekdays, 52 weeks earlier."""
        return Period(self.first - _YEAR, self.last - _YEAR)


@dataclass(frozen=True)
class Moments(Period):
    """Some stretches of these days, and nothing between them."""

    stretches: tuple[tuple[datetime, datetime], ...]

    def within(self, moment: str) -> Q:
        found = Q(pk__in=[])
        for since, until in self.stretches:
            found |= Q(**{f"{moment}__gte": since, f"{moment}__lt": until})
        return found


def half_hour(moment: str, start: datetime) -> Func:
    """When the half hour of a moment begins, by real time."""
    step = Value(HALF_HOUR, output_field=DurationField())
    begin, kind = Value(start, output_field=DateTimeField()), DateTimeField()
    return Func(step, F(moment), begin, function="date_bin", output_field=kind)


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    return clock.now().astimezone(zone()).date()


def last_days(count: int) -> Period:
    return Period(today() - timedelta(days=count - 1), today())


def named(name: str) -> Period:
    """A whole day, week (Monday to Sunday) or month that is over."""
    last = today() - timedelta(days=1)
    if name == "yesterday":
        return Period(last, last)
    if name == "last_week":
        last = today() - timedelta(days=today().weekday() + 1)
        return Period(last - timedelta(days=6), last)
    last = today().replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def asked_period(query: Any, usual: int | str) -> Period:
    """From an address: `days=14`, `days=last_week`, or `from=2026-11-01&to=2026-11-14`; only `to`
    is that day. Raises BadQuestion."""
    try:
        if query.get("from") or query.get("to"):
            last = date.fromisoformat(query.get("to", ""))
            period = Period(date.fromisoformat(query.get("from") or str(last)), last)
        else:
            days = query.get("days") or usual
            period = named(days) if days in NAMED else last_days(int(days))
    except (ValueError, OverflowError) as error:
        raise BadQuestion("period") from error
    if not 1 <= (period.last - period.first).days + 1 <= MAX_DAYS:
        raise BadQuestion("period")
    if period.first.year not in YEARS or period.last.year not in YEARS:
        raise BadQuestion("period")
    return period
