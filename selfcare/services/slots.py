"""When somebody can be called: opening hours, decent hours, and places not yet promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from crm.models import Plan, Queue, Schedule, Status, Subject
from crm.services import availability, routing
from selfcare.models import Callback

MINUTES = 30
DEFAULT_PLACES = 3  # of a half hour that nobody planned
LEAD = timedelta(minutes=15)  # nobody is promised a slot that begins sooner
_FROM, _UNTIL = time(8), time(20)  # never outside, where the customer is
_DAYS_AHEAD = 8


@dataclass(frozen=True)
class Slot:
    """Half an hour in which we may promise to call, and how many more we can."""

    start: datetime
    end: datetime
    places: int


def decent(at: datetime, zone: str) -> bool:
    """May somebody there be called at this moment?"""
    return _FROM <= at.astimezone(ZoneInfo(zone)).time() < _UNTIL


def _wholly_decent(start: datetime, end: datetime, zone: str) -> bool:
    return decent(start, zone) and decent(end - timedelta(seconds=1), zone)


def fit(at: datetime, hours: Schedule, zone: str) -> datetime:
    """The first moment from `at` on that is open and decent; `at` itself when nothing ever is."""
    moment = at
    for _turn in range(30):
        opening = hours.next_opening(moment)
        if opening is None:
            return at
        if decent(opening, zone):
            return opening
        local = opening.astimezone(ZoneInfo(zone))
        later = local.time() >= _UNTIL
        moment = datetime.combine(local.date() + timedelta(days=later), _FROM, local.tzinfo)
    return at


def slots(subject: Subject, day: date, *, at: datetime, zone: str) -> list[Slot]:
    """The slots of a day of the subject's calendar that can still be asked for, full ones too.

    A subject's hours may lead to another queue at other times, so places are counted per queue."""
    hours = subject.hours()
    if hours is None:
        return []
    spans = [
        span
        for span in hours.slots(day, MINUTES)
        if span.start.timestamp() >= (at + LEAD).timestamp()
        and _wholly_decent(span.start, span.end, zone)
    ]
    by_queue: dict[Queue, list[datetime]] = {}
    for span in spans:
        if queue := subject.queue_at(span.start):
            by_queue.setdefault(queue, []).append(span.start)
    left: dict[datetime, int] = {}
    for queue, starts in by_queue.items():
        left |= _today(queue, hours, at, places(queue, starts))
    return [Slot(s.start, s.end, left[s.start]) for s in spans if s.start in left]


def _today(
    queue: Queue, hours: Schedule, at: datetime, found: dict[datetime, int]
) -> dict[datetime, int]:
    """Until closing no more than can be called at the present pace."""
    closes = hours.closes_at(at)
    if closes is None or not any(start < closes for start in found):
        return found
    room = routing.room_before_closing(queue, hours, at)
    if room is None:
        return found
    return {s: min(n, max(0, room)) if s < closes else n for s, n in found.items()}


def may_call_now(subject: Subject, *, at: datetime, zone: str, language: str) -> bool:
    """Open, decent there, somebody who speaks it is at work, and the line takes one more."""
    queue, hours = subject.queue_at(at), subject.hours()
    door = availability.door(queue, hours=hours, at=at, language=language, channel="callback")
    return door.is_open and decent(at, zone)


def places(queue: Queue, starts: Iterable[datetime]) -> dict[datetime, int]:
    """How many more may be promised at each start: planned seats less promises."""
    starts = list(starts)
    planned = dict(
        Plan.objects.filter(queue=queue, starts_at__in=starts).values_list("starts_at", "seats")
    )
    taken = dict(
        Callback.objects.filter(interaction__queue=queue, slot_start__in=starts)
        .exclude(interaction__status=Status.CLOSED)
        .values_list("slot_start")
        .annotate(Count("pk"))
    )
    return {
        start: max(0, planned.get(start, DEFAULT_PLACES) - taken.get(start, 0)) for start in starts
    }


def free_days(
    subject: Subject, *, at: datetime, zone: str, limit: int = 5
) -> list[tuple[date, list[Slot]]]:
    """The next days with a free slot, each with its free slots."""
    found: list[tuple[date, list[Slot]]] = []
    hours = subject.hours()
    if hours is None:
        return found
    today = at.astimezone(ZoneInfo(hours.time_zone)).date()
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        free = [slot for slot in slots(subject, day, at=at, zone=zone) if slot.places]
        if free:
            found.append((day, free))
        if len(found) == limit:
            break
    return found


def near(subject: Subject, start: datetime, *, at: datetime, zone: str) -> list[Slot]:
    """The three free slots nearest to one that cannot be had."""
    free = [slot for _day, day in free_days(subject, at=at, zone=zone) for slot in day]
    nearest = sorted(free, key=lambda slot: abs(slot.start - start))[:3]
    return sorted(nearest, key=lambda slot: slot.start)


def find(subject: Subject, start: datetime, *, at: datetime, zone: str) -> Slot | None:
    """The slot of the calendar that begins then; None when there is none, or not any more."""
    hours = subject.hours()
    if hours is None:
        return None
    day = start.astimezone(ZoneInfo(hours.time_zone)).date()
    same = (s for s in slots(subject, day, at=at, zone=zone) if s.start == start)
    return next(same, None)
