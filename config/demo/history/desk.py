"""Who is on shift and takes the next one: keeps capacity and concurrency believable."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from random import Random

from crm.models import Agent

from .volumes import PARIS

CONCURRENCY = 1.75  # chats at once while chatting, on average
NEWCOMER_WEEKS = 6


@dataclass
class Seat:
    """One agent's day so far."""

    agent: Agent
    skills: frozenset[str]
    newcomer: bool
    chats: list[datetime] = field(default_factory=list)  # when each ends
    busy_until: datetime = datetime.min.replace(tzinfo=UTC)

    def running(self, at: datetime) -> int:
        return sum(end > at for end in self.chats)

    def joined(self, day: date, today: date) -> bool:
        return not self.newcomer or (today - day).days < NEWCOMER_WEEKS * 7

    def places(self, day: date, today: date) -> int:
        """Newcomers began six weeks ago with one place and have three by now."""
        if not self.newcomer:
            return 3
        weeks = NEWCOMER_WEEKS - (today - day).days / 7
        return 1 if weeks < 2 else 2 if weeks < 4 else 3


class Desk:
    """The floor: asked for an agent at a moment, it names one who has a place, or when."""

    def __init__(self, seats: list[Seat], today: date) -> None:
        self.seats = seats
        self.today = today

    def on_shift(self, at: datetime, queue: str) -> list[Seat]:
        local = at.astimezone(PARIS)
        night = local.weekday() == 6 or not 8 <= local.hour < 20
        rng = Random(f"shift {local.date()}")  # noqa: S311
        joined = [seat for seat in self.seats if seat.joined(local.date(), self.today)]
        able = [seat for seat in joined if queue in seat.skills]
        if night:
            box = [seat for seat in self.seats if "box" in seat.skills and not seat.newcomer]
            return rng.sample(box, 3 if local.weekday() == 6 and 8 <= local.hour < 21 else 2)
        present = {seat.agent.pk for seat in self.seats if rng.random() > 0.32}
        here = [seat for seat in able if seat.agent.pk in present] or able
        # three at least behind each queue: somebody stays longer
        return sorted(here, key=lambda s: not _in_shift(s, local))[
            : max(3, sum(_in_shift(seat, local) for seat in here))
        ]

    def for_chat(self, at: datetime, queue: str) -> tuple[Seat, datetime, int]:
        """(seat, when it has a place, chats it already runs then)."""
        shift = self.on_shift(at, queue)
        for seat in self.seats:
            seat.chats = [end for end in seat.chats if end > at]
        day = at.astimezone(PARIS).date()
        free = [
            seat
            for seat in shift
            if seat.busy_until <= at and seat.running(at) < seat.places(day, self.today)
        ]
        if not free:
            first = min(shift, key=lambda seat: _frees(seat, at, day, self.today))
            when = _frees(first, at, day, self.today)
            return first, when, first.running(when)
        working = [seat for seat in self.seats if seat.running(at)]
        load = sum(len(seat.chats) for seat in working) / len(working) if working else 9
        started = [seat for seat in free if seat.chats]
        if started and load < CONCURRENCY:
            seat = max(started, key=lambda s: (len(s.chats), s.agent.pk))
        else:
            # newcomers get the quiet ones: somebody must teach them
            seat = min(free, key=lambda s: (len(s.chats), not s.newcomer, -_busy(s), s.agent.pk))
        return seat, at, len(seat.chats)

    def for_whole(self, at: datetime, queue: str) -> tuple[Seat, datetime]:
        """(seat without a chat, when): a call or a mail takes the person."""
        shift = self.on_shift(at, queue)
        seat = min(shift, key=lambda s: (max(_idle(s), at), -_idle(s).timestamp(), s.agent.pk))
        return seat, max(at, _idle(seat))


def _busy(seat: Seat) -> float:
    return seat.busy_until.timestamp()


def _idle(seat: Seat) -> datetime:
    return max([*seat.chats, seat.busy_until])


def _frees(seat: Seat, at: datetime, day: date, today: date) -> datetime:
    ends = sorted(end for end in seat.chats if end > at)
    places = seat.places(day, today)
    place = ends[len(ends) - places] if len(ends) >= places else at
    return max(place, seat.busy_until, at)


def _in_shift(seat: Seat, local: datetime) -> bool:
    first = (8, 9, 12, 12)[(seat.agent.pk + local.toordinal() // 7) % 4]
    return time(first) <= local.time() < time(first + 8)


def seats(today: date) -> Desk:
    agents = Agent.objects.prefetch_related("skills__queue").exclude(display_name="Amélie")
    return Desk(
        [
            Seat(
                agent,
                frozenset(skill.queue.slug for skill in agent.skills.all()),
                any(skill.level == 1 for skill in agent.skills.all()),
            )
            for agent in agents
        ],
        today,
    )
