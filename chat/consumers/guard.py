"""Tokens that are good no longer: revoked, erased, outlived. All open chats of a process are one
question a minute, however many there are."""

import asyncio
import logging
from typing import Protocol

from chat.services import tokens
from crm import hub
from crm.consumers import in_thread

log = logging.getLogger(__name__)

SECONDS = 60.0


class Guarded(Protocol):
    """One socket of a visitor."""

    def over(self) -> None:
        """Its token opens nothing any more."""


class _Guard:
    def __init__(self) -> None:
        self.shown: dict[Guarded, str] = {}  # → its token
        self.task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            shown = dict(self.shown)
            try:
                good = await in_thread(tokens.still_good, shown.values())
                for socket, token in shown.items():
                    if token not in good:
                        socket.over()
            except Exception as error:  # no database: the next round tells
                log.warning("tokens could not be checked: %s", type(error).__name__)


_guards: dict[hub.Hub, _Guard] = {}


def watch(socket: Guarded, token: str) -> None:
    """Until it leaves; a later token takes the place of the one before."""
    ours = hub.current()
    if ours not in _guards:
        _guards[ours] = _Guard()
    _guards[ours].shown[socket] = token


def unwatch(socket: Guarded) -> None:
    guard = _guards.get(hub.current())
    if guard is None:
        return
    guard.shown.pop(socket, None)
    if not guard.shown:
        guard.task.cancel()
        del _guards[hub.current()]
