"""What may honestly be said about the chat of a queue now: closed, nobody, no more room, everybody
busy, free.

"Busy" promises that somebody will get free; without anybody at work that would be a lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm import clock
from crm.models import AgentState, Heartbeat, Queue, Schedule
from crm.services import presence, routing


class Now(StrEnum):
    """From the best to have to the worst."""

    FREE = "free"
    BUSY = "busy"
    FULL = "full"  # as many wait as the queue allows
    CLOSING = "closing"  # whoever came now could not be served before closing
    NOBODY = "nobody"  # open by its hours, but none of its agents is at work
    CLOSED = "closed"


_REFUSED = {routing.Refusal.LENGTH: Now.FULL, routing.Refusal.CLOSING: Now.CLOSING}


@dataclass(frozen=True)
class Door:
    """Where somebody would go who asked for a chat now, and what may be said of it."""

    queue: Queue | None
    now: Now

    @property
    def is_open(self) -> bool:
        return self.now in (Now.FREE, Now.BUSY)


def door(
    queue: Queue | None,
    *,
    hours: Schedule | None,
    at: datetime,
    language: str,
    held: Mapping[int, int] | None = None,
) -> Door:
    """Of this queue, for a customer of this language; while its line is as long as it may be, of
    the queue that helps it out. `hours`: the subject's. `held` as in `free_agent`."""
    if queue is None or hours is None or not hours.is_open(at):
        return Door(queue, Now.CLOSED)
    found = Door(queue, _of_queue(queue, hours, at, language, held))
    other = queue.overflow_queue if found.now == Now.FULL else None
    if other and other.schedule.is_open(at) and other.serves("chat", language):
        helping = Door(other, _of_queue(other, other.schedule, at, language, held))
        return helping if helping.is_open else found
    return found


def _of_queue(
    queue: Queue, hours: Schedule, at: datetime, language: str, held: Mapping[int, int] | None
) -> Now:
    if routing.free_agent(queue, language=language, held=held):
        return Now.FREE
    if not somebody_at_work(queue, language):
        return Now.NOBODY
    return _REFUSED.get(routing.refusal(queue, hours, at), Now.BUSY)


def somebody_at_work(queue: Queue, language: str) -> bool:
    """Is anybody of this queue there who takes chats, and is free again without coming back first?

    A break counts as away: nobody knows how long it lasts."""
    return Heartbeat.objects.filter(
        seen_at__gte=clock.wall() - presence.AWAY_AFTER,
        agent__user__is_active=True,
        agent__skills__queue=queue,
        agent__chat_places__gt=0,
        agent__languages__contains=language,
        agent__states__until=None,
        agent__states__state__in=AgentState.READY,
    ).exists()
