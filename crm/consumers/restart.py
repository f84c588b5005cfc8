"""A web process that is asked to end says so to its sockets first, and to each when to come back:
spread over so many seconds that the next process takes them one after the other."""

import asyncio
import logging
import random
import signal
import threading
from typing import Any

from crm import hub

log = logging.getLogger(__name__)

RESTARTS = 4503  # close code; Daphne lets an application say none below 3000 but 1000
GRACE = 0.5  # seconds for the last frames, before the server itself goes
SOONEST = 1.5  # the process that follows has to start
PER_SECOND = 250  # sockets that a process takes in beside its work

_watched: set[Any] = set()


def watch() -> None:
    """Be there first when this process is asked to end (SIGTERM); once per process. A server that
    has no handler of its own ends at once, and nobody could be told."""
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler) or handler in _watched or not _is_main():
        return
    loop = asyncio.get_running_loop()

    def told(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(_say_goodbye, loop, lambda: handler(number, frame))

    _watched.add(told)
    signal.signal(signal.SIGTERM, told)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _say_goodbye(loop: asyncio.AbstractEventLoop, end: Any) -> None:
    sockets = hub.current().sockets()
    for socket, seconds in zip(sockets, spread(len(sockets)), strict=True):
        socket.put(hub.encode({"t": "back", "in": seconds}))
        socket.close_after(RESTARTS)
    if sockets:
        log.info("%s sockets are told to come back", len(sockets))
    loop.call_later(GRACE if sockets else 0, end)


def spread(count: int) -> list[float]:
    """When each of so many may come back: at random, no more than a process takes in."""
    seconds = max(2.0, count / PER_SECOND)
    return [round(random.uniform(SOONEST, SOONEST + seconds), 2) for _socket in range(count)]  # noqa: S311
