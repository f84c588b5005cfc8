"""Opening hours: pure functions of a moment, testable without a database once loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

_HORIZON = timedelta(days=400)  # a calendar closed for longer than that is closed for good


@dataclass(frozen=True)
class Span:
    """An open stretch of real time, end excluded."""

    start: datetime
    end: datetime


class Schedule(models.Model):
    """When a queue or a subject is served: weekly openings, minus dated closures."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    always_open = models.BooleanField(_("open 24/7"), default=False)

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def _week(self) -> list[list["Opening"]]:
        week: list[list[Opening]] = [[] for _day in range(7)]
        for opening in self.openings.all():
            week[opening.weekday].append(opening)
        return week

    @cached_property
    def _closures(self) -> dict[date, "Closure"]:
        return {closure.day: closure for closure in self.closures.all()}

    def closure(self, day: date) -> "Closure | None":
        """The dated closure of that day, with its reason, if any."""
        return self._closures.get(day)

    def spans(self, day: date) -> list[Span]:
        """The open stretches that begin on this local day; one may end on the next."""
        zone = ZoneInfo(self.time_zone)
        if day in self._closures:
            return []
        if self.always_open:
            midnight = datetime.combine(day, time(), zone)
            return [Span(midnight, datetime.combine(day + timedelta(days=1), time(), zone))]
        found = []
        for opening in self._week[day.weekday()]:
            until = day if opening.closes > opening.opens else day + timedelta(days=1)
            start = datetime.combine(day, opening.opens, zone)
            found.append(Span(start, datetime.combine(until, opening.closes, zone)))
        return sorted(found, key=lambda span: span.start)

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        day = at.astimezone(ZoneInfo(self.time_zone)).date() - timedelta(days=1)
        last = day + _HORIZON
        while day <= last:
            for span in self.spans(day):
                # aware datetimes of one zone compare by wall clock: compare instants instead
                if span.end.timestamp() > at.timestamp():
                    yield span
            day += timedelta(days=1)

    def is_open(self, at: datetime) -> bool:
        span = next(self._spans_from(at), None)
        return span is not None and span.start.timestamp() <= at.timestamp()

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when open; None when nothing opens within 400 days."""
        span = next(self._spans_from(at), None)
        if span is None:
            return None
        return at if span.start.timestamp() <= at.timestamp() else span.start

    def closes_at(self, at: datetime) -> datetime | None:
        """End of the open stretch around `at`, adjoining ones joined; None if closed or 24/7."""
        if self.always_open or not self.is_open(at):
            return None
        end = None
        for span in self._spans_from(at):
            if end is not None and span.start.timestamp() > end.timestamp():
                break
            end = span.end
        return end

    def slots(self, day: date, minutes: int = 30) -> list[Span]:
        """The day's open stretches cut into whole slots of `minutes`."""
        cut = []
        for span in self.spans(day):
            start, stop = span.start.timestamp(), span.end.timestamp()
            zone = ZoneInfo(self.time_zone)
            while start + minutes * 60 <= stop:
                cut.append(
                    Span(
                        datetime.fromtimestamp(start, zone),
                        datetime.fromtimestamp(start + minutes * 60, zone),
                    )
                )
                start += minutes * 60
        return cut


class Opening(models.Model):
    """One weekly open stretch; closing at or before opening means: on the next day."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "weekday", "opens"], name="opening_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(models.Model):
    """A day on which a schedule stays closed, with the reason customers read."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="closures")
    day = models.DateField(_("day"))
    reason_fr = models.CharField(_("reason (French)"), max_length=120, blank=True)
    reason_en = models.CharField(_("reason (English)"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "day"], name="closure_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}"
