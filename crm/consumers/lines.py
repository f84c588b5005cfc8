"""Customers on this process's sockets who wait in a line: each hears their place when it moves.

The frames that the desks hear of a line say here that it moved. However many moved and however many
wait, a line is counted once per PAUSE and process, and nothing is counted where nobody watches.
"""

import asyncio
import logging
from typing import Protocol

from django.db import Error

from crm import hub
from crm.models import Interaction, Status
from crm.services import routing

from .base import in_thread

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds in which further moves are the same move
REFRESH = 30.0  # while nothing moves: time passes, people come and go


class Watcher(Protocol):
    """One socket of a customer."""

    def placed(self, interaction_id: int, line: routing.Line) -> None:
        """The line was counted, and it waits there."""


class _Line:
    """One queue's line, as a member of its group in the hub."""

    def __init__(self, queue_id: int) -> None:
        self.groups: set[str] = set()
        self.watchers: dict[Watcher, int] = {}  # → interaction
        self._queue_id = queue_id
        self._hub = hub.current()
        self._timer: asyncio.TimerHandle | None = None
        self._counting: asyncio.Task[None] | None = None
        self._hub.join(self, f"queue:{queue_id}")

    def put(self, text: str) -> None:
        """Something in this line is otherwise (also after a gap in what we heard)."""
        self.count_in(PAUSE)

    def count_in(self, seconds: float) -> None:
        """Sooner than planned, never later."""
        loop = asyncio.get_running_loop()
        if self._timer is not None and self._timer.when() <= loop.time() + seconds:
            return
        self._stop_timer()
        self._timer = loop.call_later(seconds, self._begin)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        if self._counting is None or self._counting.done():
            self._counting = asyncio.get_running_loop().create_task(self._count())
        else:
            self.count_in(PAUSE)

    async def _count(self) -> None:
        try:
            line = await in_thread(routing.line, self._queue_id)
            away = {i for i in self.watchers.values() if i not in line.places}
            elsewhere = await in_thread(_queues_of, away) if away else {}
        except Error as error:
            log.warning("a line could not be counted: %s", type(error).__name__)
        else:
            for watcher, interaction_id in list(self.watchers.items()):
                if interaction_id in line.places:
                    watcher.placed(interaction_id, line)
                elif interaction_id in away:
                    unwatch(watcher, self._queue_id)
                    if interaction_id in elsewhere:
                        watch(watcher, elsewhere[interaction_id], interaction_id)
        if self.watchers:
            self.count_in(REFRESH)

    def end(self) -> None:
        self._stop_timer()
        self._hub.leave(self)


def _queues_of(keys: set[int]) -> dict[int, int]:
    """In which line those wait now who wait no longer where they did."""
    waiting = Interaction.objects.filter(pk__in=keys, status=Status.WAITING, queue__isnull=False)
    return {key: queue for key, queue in waiting.values_list("pk", "queue") if queue}


_lines: dict[tuple[hub.Hub, int], _Line] = {}


def watch(watcher: Watcher, queue_id: int, interaction_id: int) -> None:
    """Tell this socket its place from now on, until it waits no longer. Again changes nothing."""
    key = (hub.current(), queue_id)
    line = _lines.get(key)
    if line is None:
        line = _lines[key] = _Line(queue_id)
    line.watchers[watcher] = interaction_id
    line.count_in(PAUSE)


def unwatch(watcher: Watcher, queue_id: int | None = None) -> None:
    """No more of this line; of none when no queue is named."""
    ours = hub.current()
    for key, line in list(_lines.items()):
        if key[0] is ours and queue_id in (None, key[1]):
            line.watchers.pop(watcher, None)
            if not line.watchers:
                line.end()
                del _lines[key]
