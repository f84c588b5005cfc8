"""An opening calendar as a plain value: every question about open time, answered without a query.

Times of day are those of the clock on the wall. Something opens, or closes, at the first moment
the wall's clock shows that time or has passed it: in the hour that a spring day does not have, at
the change; in the hour that an autumn day has twice, the first time. In between only real seconds
are counted, so that the autumn night is an hour longer for whoever works it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 24 * 60
HORIZON = 400  # days: a calendar closed for longer than that is closed for good
_ONE = timedelta(days=1)

Hours = tuple[int, int]  # minutes of the day; above 1440 is the next day


@dataclass(frozen=True)
class Span:
    """An open stretch of real time, end excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Reason:
    """Why a day differs from its weekday, in the words that customers read."""

    kind: str  # "holiday", "closure", "opening"
    fr: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        first, second = (self.en, self.fr) if language.startswith("en") else (self.fr, self.en)
        return first or second


@dataclass(frozen=True)
class Closed:
    """Closed from the first day to the last."""

    first: date
    last: date
    reason: Reason


@dataclass(frozen=True)
class Dated:
    """The hours of one day, in place of the usual ones."""

    hours: tuple[Hours, ...]
    reason: Reason


@dataclass(frozen=True)
class Calendar:
    """A week, and the days that differ: first what is dated open, then what is dated closed, then
    the public holidays, then the weekday. Public holidays do not close a 24/7 calendar."""

    zone: str
    week: tuple[tuple[Hours, ...], ...] = ((),) * 7
    always_open: bool = False
    closed: tuple[Closed, ...] = ()
    dated: Mapping[date, Dated] = field(default_factory=dict)
    country: str = ""
    region: str = ""
    _days: dict[date, list[Span]] = field(default_factory=dict, compare=False, repr=False)

    # -- days

    def reason(self, day: date) -> Reason | None:
        """Why that day is not like its weekday; None when it is."""
        if dated := self.dated.get(day):
            return dated.reason
        if closed := next((one for one in self.closed if one.first <= day <= one.last), None):
            return closed.reason
        return None if self.always_open else self.holiday(day)

    def holiday(self, day: date) -> Reason | None:
        return public_holidays(self.country, self.region, day.year).get(day)

    def hours(self, day: date) -> tuple[Hours, ...]:
        """As written, for that day."""
        if found := self.dated.get(day):
            return found.hours
        if self.reason(day):
            return ()
        return ((0, DAY),) if self.always_open else self.week[day.weekday()]

    def spans(self, day: date) -> list[Span]:
        """The open stretches that begin on this local day; the last may end on the next."""
        zone = ZoneInfo(self.zone)
        return [Span(s.start.astimezone(zone), s.end.astimezone(zone)) for s in self._own(day)]

    def slots(self, day: date, minutes: int = 30) -> list[Span]:
        """The day's open stretches cut into whole slots of real `minutes`."""
        zone, step = ZoneInfo(self.zone), timedelta(minutes=minutes)
        cut = []
        for span in self._own(day):
            start = span.start
            while start + step <= span.end:
                cut.append(Span(start.astimezone(zone), (start + step).astimezone(zone)))
                start += step
        return cut

    # -- moments

    def is_open(self, at: datetime) -> bool:
        at = at.astimezone(UTC)  # two moments of one zone would compare by the wall's clock
        span = next(self._from(at, 0), None)
        return span is not None and span.start <= at

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when open; None when nothing opens within 400 days."""
        span = next(self._from(at.astimezone(UTC)), None)
        if span is None:
            return None
        return at if span.start <= at.astimezone(UTC) else self._local(span.start)

    def closes_at(self, at: datetime) -> datetime | None:
        """End of the open stretch around `at`, adjoining ones joined; None if closed, or if no
        end is in sight."""
        at = at.astimezone(UTC)
        if self._never_closes or not self.is_open(at):
            return None
        end: datetime | None = None
        for span in self._from(at):
            if end is not None and span.start > end:
                return self._local(end)
            end = span.end
        return None if end is None or end - at > timedelta(days=HORIZON - 2) else self._local(end)

    def opened_at(self, at: datetime) -> datetime | None:
        """Since when it is open; None if closed, or open for more than a week."""
        if not self.is_open(at):
            return None
        start = at.astimezone(UTC)
        for back in range(9):
            for span in reversed(self._own(self._day(at) - back * _ONE)):
                if span.start <= start <= span.end:
                    start = span.start
                elif span.end < start:
                    return self._local(start)
        return None

    # -- durations

    def open_seconds(self, start: datetime, end: datetime) -> float:
        """How much open time lies between the two; 0 when the end is not after the start."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        if self._never_closes:
            return (end - start).total_seconds()
        total = timedelta()
        for span in self._from(start, (end - start).days + 2):
            if span.start >= end:
                break
            total += min(span.end, end) - max(span.start, start)
        return total.total_seconds()

    def add_open_time(self, start: datetime, seconds: float) -> datetime | None:
        """The moment at which `seconds` of open time have passed; None when there is not so much
        of it within 400 days. Nothing to wait for: `start` itself."""
        left = timedelta(seconds=seconds)
        if left <= timedelta():
            return start
        start = start.astimezone(UTC)
        if self._never_closes:
            return self._local(start + left)
        for span in self._from(start):
            begin = max(span.start, start)
            if span.end - begin >= left:
                return self._local(begin + left)
            left -= span.end - begin
        return None

    def add_working_days(self, start: datetime, days: int) -> datetime | None:
        """The close of the n-th day with open hours after the day of `start`."""
        day = self._day(start)
        for ahead in range(1, HORIZON):
            spans = self._own(day + ahead * _ONE)
            days -= bool(spans)
            if spans and days <= 0:
                return self._local(spans[-1].end)
        return None

    # -- the day's begin and end

    def room_before_closing(self, at: datetime, per_hour: float) -> int | None:
        """How many more can be served before closing at this pace; None: no closing in sight."""
        if not self.is_open(at):
            return 0
        end = self.closes_at(at)
        if end is None:
            return None
        left = end.astimezone(UTC) - at.astimezone(UTC)
        return int(left.total_seconds() / 3600 * per_hour)

    def morning(
        self, opening: datetime, count: int, window: timedelta = timedelta(hours=2)
    ) -> list[datetime]:
        """So many moments, evenly over the first `window` of open time from an opening on; the
        first is the opening itself."""
        steps = (window.total_seconds() * n / count for n in range(count))
        return [self.add_open_time(opening, step) or opening for step in steps]

    def why(self, at: datetime) -> tuple[date, Reason] | None:
        """What customers should know about the hours of this moment: when closed, the first day
        until the next opening that is closed for a reason; when open by exception, that one."""
        today = self._day(at)
        if self.is_open(at):
            dated = self.dated.get(today)
            return (today, dated.reason) if dated and dated.reason.text("fr") else None
        opening = self.next_opening(at)
        last = opening.date() if opening else today
        for ahead in range(min((last - today).days, 60) + 1):
            day = today + ahead * _ONE
            reason = self.reason(day)
            if reason and reason.text("fr"):
                return day, reason
        return None

    # -- underneath: stretches in UTC, so that they compare as instants; disjoint, in order

    @property
    def _never_closes(self) -> bool:
        return self.always_open and not self.closed and not self.dated

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def _day(self, at: datetime) -> date:
        return self._local(at).date()

    def _from(self, at: datetime, days: int = HORIZON) -> Iterator[Span]:
        """The stretches that end after `at`, of its day and so many days more."""
        day = self._day(at)
        for ahead in range(-1, days + 1):
            yield from (span for span in self._own(day + ahead * _ONE) if span.end > at)

    def _own(self, day: date) -> list[Span]:
        """That begin on this day, less what the day before still holds."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) > 4 * HORIZON:
                self._days.clear()
            night = any(closes > DAY for _opens, closes in self.hours(day - _ONE))
            before = [span.end for span in self._raw(day - _ONE)] if night else []
            known = self._days[day] = _joined(self._raw(day), max(before, default=None))
        return known

    def _raw(self, day: date) -> list[Span]:
        zone = ZoneInfo(self.zone)
        return [Span(_instant(day, o, zone), _instant(day, c, zone)) for o, c in self.hours(day)]


def _joined(spans: list[Span], after: datetime | None) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        start = span.start if after is None else max(span.start, after)
        if start >= span.end:
            continue
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(Span(start, span.end))
    return found


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall's clock shows that time or has passed it, in UTC."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # the change lies between the two
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            late = middle
        else:
            early = middle
    return late


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> dict[date, Reason]:
    """The public holidays of a country or one of its regions, named in both languages.

    Where the library has no French or English names, the country's own stand for them."""
    if not country:
        return {}
    import holidays  # takes a second: only where a calendar asks for them

    if country not in holidays.list_supported_countries():
        return {}
    names: dict[str, Mapping[date, str]] = {}
    spoken = holidays.list_localized_countries().get(country, [])
    own = holidays.country_holidays(country).default_language
    for language, code in (("fr", "fr"), ("en", "en_US"), ("", own)):
        names[language] = holidays.country_holidays(
            country, subdiv=region or None, years=year, language=code if code in spoken else own
        )
    return {
        day: Reason("holiday", names["fr"].get(day, name), names["en"].get(day, name))
        for day, name in names[""].items()
    }
