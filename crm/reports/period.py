"""The stretch of days a report is about, and what it is cut by."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Customer, Interaction, OwnField, Queue
from crm.services import own_fields

PRESETS = (1, 7, 14, 28, 90)  # days, today included
MAX_DAYS = 366
YEARS = range(2000, 2200)  # beyond them, calendars and databases run out of days


@dataclass(frozen=True)
class Period:
    """Whole local days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), zone())

    @property
    def end(self) -> datetime:
        """The instant after its last one."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone())

    def before(self) -> "Period":
        """As many days, just before: what it is compared with."""
        length = len(self.days)
        return Period(self.first - timedelta(days=length), self.first - timedelta(days=1))


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    return clock.now().astimezone(zone()).date()


def last_days(count: int) -> Period:
    return Period(today() - timedelta(days=count - 1), today())


@dataclass(frozen=True)
class Part:
    """The exchanges with one value of an own field; "" are those where nothing is filled in."""

    field: OwnField
    value: str

    @staticmethod
    def path(field: OwnField) -> str:
        """From an exchange to the values."""
        return "own" if field.about == OwnField.About.INTERACTION else f"{field.about}__own"

    def of(self, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        if not self.value:
            return rows.exclude(**{f"{self.path(self.field)}__has_key": self.field.key})
        if self.field.about == OwnField.About.INTERACTION:
            return own_fields.narrowed(rows, self.field, self.value)
        people = own_fields.narrowed(Customer.all_rows.all(), self.field, self.value)
        return rows.filter(customer__in=people)

    @property
    def label(self) -> str:
        value = own_fields.parse(self.field, self.value)
        return f"{self.field.name}: {own_fields.display(self.field, value) or _('not filled in')}"


@dataclass(frozen=True)
class Cut:
    """One question to the reports: which days, and which part of the house."""

    period: Period
    queue: Queue | None = None
    place: str = ""  # the agents' site
    part: Part | None = None

    def exchanges(self) -> QuerySet[Interaction]:
        """The exchanges that count: each on the day on which it was offered (docs/figures.md).

        Spam is never offered, and what was merged counts where it went. One definition for every
        figure, so that pages agree."""
        rows = Interaction.objects.filter(
            offered_at__gte=self.period.start, offered_at__lt=self.period.end
        ).exclude(outcome__in=[Interaction.Outcome.SPAM, Interaction.Outcome.MERGED])
        if self.queue:
            rows = rows.filter(queue=self.queue)
        if self.place:
            rows = rows.filter(closed_by__team__place=self.place)
        return self.part.of(rows) if self.part else rows

    def before(self) -> "Cut":
        return replace(self, period=self.period.before())


class BadQuestion(ValueError):
    """The address asks for something that is not a period or a queue."""


def read(query: Any) -> Cut:
    """From the address: `days=14`, or `from=2026-11-01&to=2026-11-14`; `queue=box`, `place=Rennes`,
    `own=customer.plan&value=Fibre`.

    Raises BadQuestion with nothing half understood."""
    queue, slug, place = None, query.get("queue", ""), query.get("place", "")[:80]
    if "\0" in slug or "\0" in place:
        raise BadQuestion("queue")
    if slug:
        queue = Queue.objects.filter(slug=slug).first()
        if queue is None:
            raise BadQuestion("queue")
    return Cut(_period(query), queue, place, _part(query))


def own_field(name: str) -> OwnField:
    """By its name in an address: "customer.plan". Raises BadQuestion."""
    about, _dot, key = name.partition(".")
    field = OwnField.objects.filter(about=about, key=key, is_active=True).first()
    if field is None or "\0" in name or field.about == OwnField.About.ORGANISATION:
        raise BadQuestion("own")
    return field


def _part(query: Any) -> Part | None:
    if not (name := query.get("own", "")):
        return None
    part = Part(own_field(name), query.get("value", ""))
    try:
        own_fields.parse(part.field, part.value)
    except ValueError as error:
        raise BadQuestion("value") from error
    return part


def _period(query: Any) -> Period:
    try:
        if query.get("from") or query.get("to"):
            first = date.fromisoformat(query.get("from", ""))
            last = date.fromisoformat(query.get("to", ""))
            period = Period(first, last)
        else:
            period = last_days(int(query.get("days", 14)))
    except (ValueError, OverflowError) as error:
        raise BadQuestion("period") from error
    if not 1 <= (period.last - period.first).days + 1 <= MAX_DAYS:
        raise BadQuestion("period")
    if period.first.year not in YEARS or period.last.year not in YEARS:
        raise BadQuestion("period")
    return period
