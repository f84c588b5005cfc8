"""What may honestly be said about a queue now to whoever wants a chat or a call at once: closed,
nobody, no more room, everybody busy, free.

"Busy" promises that somebody will get free; without anybody at work that would be a lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import clock, registry
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
    """Where somebody would go who asked now, and what may be said of it."""

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
    channel: str = "chat",
    held: Mapping[int, int] | None = None,
) -> Door:
    """Of this queue, for a customer of this language; while its line is as long as it may be, of
    the queue that helps it out with chats. `hours`: the subject's. `held` as in `free_agent`."""
    if queue is None or hours is None or not hours.is_open(at):
        return Door(queue, Now.CLOSED)
    found = Door(queue, _of_queue(queue, hours, at, channel, language, held))
    live = registry.channel(channel).load == "place"  # a call can be promised for later
    other = queue.overflow_queue if live and found.now == Now.FULL else None
    if other and other.schedule.is_open(at) and other.serves(channel, language):
        helping = Door(other, _of_queue(other, other.schedule, at, channel, language, held))
        return helping if helping.is_open else found
    return found


def _of_queue(
    queue: Queue,
    hours: Schedule,
    at: datetime,
    channel: str,
    language: str,
    held: Mapping[int, int] | None,
) -> Now:
    if routing.free_agent(queue, channel=channel, language=language, held=held):
        return Now.FREE
    load = registry.channel(channel).load
    if load != "background" and not somebody_at_work(queue, language, load=load):
        return Now.NOBODY
    return _REFUSED.get(routing.refusal(queue, hours, at), Now.BUSY)


@dataclass(frozen=True)
class Newcomer:
    """What would become of whoever came to a queue now: the answers that customers get, for those
    who run it."""

    door: Door
    wait: routing.Wait | None  # that they would be told
    pace: routing.Pace
    is_refused: bool  # they are offered the other ways to reach us

    @property
    def words(self) -> str:
        if self.door.now != Now.BUSY:
            return str(_WORDS[self.door.now])
        if self.wait:
            return _("Would wait, and is told: %(range)s.") % {"range": self.wait.in_words()}
        if self.is_refused:
            return _("Refused: everybody is busy, and how long it takes cannot be told yet.")
        return _("Would wait; how long cannot be told yet.")


_WORDS: dict[Now, str | Promise] = {
    Now.FREE: gettext_lazy("Served at once."),
    Now.FULL: gettext_lazy("Refused: as many wait as the queue allows."),
    Now.CLOSING: gettext_lazy(
        "Refused: at the present pace they could not be served before closing."
    ),
    Now.NOBODY: gettext_lazy("Refused: nobody of this queue is at work."),
    Now.CLOSED: gettext_lazy("Refused: it is closed."),
}


def newcomer(
    queue: Queue, *, hours: Schedule, channel: str, language: str, at: datetime
) -> Newcomer | None:
    """`hours` as in `door`; None for written work, which is never refused."""
    load = registry.channel(channel).load
    if load == "background":
        return None
    found = door(queue, hours=hours, at=at, language=language, channel=channel)
    where = found.queue or queue
    busy = found.now == Now.BUSY
    wait = routing.expected_wait(where, channel=channel) if busy else None
    # a chat is promised only with a wait to tell
    refused = not found.is_open or (busy and wait is None and load == "place")
    return Newcomer(found, wait, routing.pace(where.pk, at), refused)


def somebody_at_work(queue: Queue, language: str, *, load: str = "place") -> bool:
    """Is anybody of this queue there who takes chats (or calls: "whole"), and is free again
    without coming back first?

    A break counts as away: nobody knows how long it lasts."""
    here = Heartbeat.objects.filter(
        seen_at__gte=clock.wall() - presence.AWAY_AFTER,
        agent__user__is_active=True,
        agent__skills__queue=queue,
        agent__languages__contains=language,
        agent__states__until=None,
        agent__states__state__in=AgentState.READY,
    )
    return (here.filter(agent__chat_places__gt=0) if load == "place" else here).exists()
