"""What may honestly be said about the chat of a queue now: closed, nobody, everybody busy, free.

"Busy" promises that somebody will get free; without anybody at work that would be a lie."""

from collections.abc import Mapping
from enum import StrEnum

from crm import clock
from crm.models import AgentState, Heartbeat, Queue
from crm.services import presence, routing


class Now(StrEnum):
    """From the best to have to the worst."""

    FREE = "free"
    BUSY = "busy"
    NOBODY = "nobody"  # open by its hours, but none of its agents is at work
    CLOSED = "closed"


def of_queue(
    queue: Queue | None,
    *,
    is_open: bool,
    language: str,
    held: Mapping[int, int] | None = None,
) -> Now:
    """The state of this queue for a customer of this language. `held` as in `free_agent`."""
    if not is_open or queue is None:
        return Now.CLOSED
    if routing.free_agent(queue, language=language, held=held):
        return Now.FREE
    return Now.BUSY if somebody_at_work(queue, language) else Now.NOBODY


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
