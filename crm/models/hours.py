"""The rows of opening hours. Each schedule makes one plain Calendar of them (calendar.py), kept in
the process until a row changes: the database gives the schedule a new `version` then, by trigger,
whoever wrote the row (migration hours_version)."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .calendar import DAY, Calendar, Closed, Dated, Hours, Reason, Span

# schedule → (version, calendar); a version is never given twice, so an old one does no harm
_calendars: dict[int, tuple[uuid.UUID, Calendar]] = {}


class Schedule(models.Model):
    """When a queue or a subject is served."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        default="Europe/Paris",
        help_text=_("The clock that the hours below are read on."),
    )
    always_open = models.BooleanField(
        _("open 24/7"),
        default=False,
        help_text=_("Day and night, public holidays too. Dated closures still close."),
    )
    country = models.CharField(
        _("public holidays of"),
        max_length=2,
        blank=True,
        help_text=_("Closed on the public holidays of this country. Empty: open as on other days."),
    )
    region = models.CharField(
        _("region"),
        max_length=12,
        blank=True,
        help_text=_("Adds the holidays of one region, such as Alsace. Save the country first."),
    )
    version = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new version by itself, so that this very object does not stay with the old one."""
        self.version = uuid.uuid4()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "version"}
        super().save(*args, **kwargs)

    @staticmethod
    def fault(country: str, region: str, zone: str | None) -> dict[str, Any]:
        """What is unknown of the three, by field."""
        import holidays

        regions = holidays.list_supported_countries()
        if zone is not None and zone not in available_timezones():
            return {"time_zone": _("There is no such time zone.")}
        if country and country not in regions:
            return {"country": _("Its public holidays are not known. Leave it empty.")}
        if region and region not in regions.get(country, []):
            return {"region": _("This country has no such region.")}
        return {}

    def clean(self) -> None:
        if fault := self.fault(self.country, self.region, self.time_zone):
            raise ValidationError(fault)

    @property
    def calendar(self) -> Calendar:
        """Asks the database once per version and process."""
        known = _calendars.get(self.pk)
        if known is None or known[0] != self.version:
            known = _calendars[self.pk] = (self.version, self._load())
        return known[1]

    def _load(self) -> Calendar:
        week: list[list[Hours]] = [[] for _day in range(7)]
        for opening in self.openings.all():
            week[opening.weekday].append(opening.hours)
        dated: dict[date, tuple[list[Hours], Reason]] = {}
        for one in self.dated_openings.all():
            hours, reason = dated.setdefault(one.day, ([], one.reason))
            hours.append(one.hours)
            if one.reason.fr and not reason.fr:
                dated[one.day] = (hours, one.reason)
        return Calendar(
            zone=self.time_zone,
            week=tuple(tuple(hours) for hours in week),
            always_open=self.always_open,
            closed=tuple(
                Closed(one.day, one.last_day or one.day, one.reason) for one in self.closures.all()
            ),
            dated={day: Dated(tuple(hours), reason) for day, (hours, reason) in dated.items()},
            country=self.country,
            region=self.region,
        )

    # the calendar's own words, for whoever holds a schedule

    def is_open(self, at: datetime) -> bool:
        return self.calendar.is_open(at)

    def next_opening(self, at: datetime) -> datetime | None:
        return self.calendar.next_opening(at)

    def closes_at(self, at: datetime) -> datetime | None:
        return self.calendar.closes_at(at)

    def spans(self, day: date) -> list[Span]:
        return self.calendar.spans(day)

    def slots(self, day: date, minutes: int = 30) -> list[Span]:
        return self.calendar.slots(day, minutes)


class _OfSchedule(models.Model):
    """A row of a schedule. The trigger gave that a new version: the object at hand learns it."""

    schedule: "models.ForeignKey[Schedule, Schedule]"

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.schedule.refresh_from_db(fields=["version"])

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().delete(*args, **kwargs)
        self.schedule.refresh_from_db(fields=["version"])
        return answer


class _Timed(_OfSchedule):
    """From an hour to an hour; closing at or before opening means: on the next day."""

    opens = models.TimeField(_("opens"))
    closes = models.TimeField(
        _("closes"), help_text=_("At or before the opening: on the next day. 00:00 is midnight.")
    )

    class Meta:
        abstract = True

    @property
    def hours(self) -> Hours:
        opens, closes = _minute(self.opens), _minute(self.closes)
        return opens, closes if closes > opens else closes + DAY


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class _Explained(models.Model):
    """The reason that customers read."""

    reason_fr = models.CharField(
        _("reason (French)"), max_length=120, blank=True, help_text=_("Customers read it.")
    )
    reason_en = models.CharField(_("reason (English)"), max_length=120, blank=True)

    kind = ""

    class Meta:
        abstract = True

    @property
    def reason(self) -> Reason:
        return Reason(self.kind, self.reason_fr, self.reason_en)


class Opening(_Timed):
    """One weekly open stretch; a day may have several."""

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

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "weekday", "opens"], name="opening_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(_Explained, _OfSchedule):
    """Days on which a schedule stays closed, with the reason customers read."""

    kind = "closure"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="closures")
    day = models.DateField(_("day"))
    last_day = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: that day only.")
    )

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "day"], name="closure_once_a_day"),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("day")),
                name="closure_runs_forward",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"

    def clean(self) -> None:
        if self.last_day and self.day and self.last_day - self.day > timedelta(days=366):
            raise ValidationError({"last_day": _("A closure lasts a year at most.")})


class DatedOpening(_Explained, _Timed):
    """Hours of one day in place of the usual ones: longer, shorter, or on a holiday."""

    kind = "opening"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="dated_openings")
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("special opening")
        verbose_name_plural = _("special openings")
        ordering = ["day", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "day", "opens"], name="dated_opening_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.opens:%H:%M}-{self.closes:%H:%M}"
