"""The hand on the brake, as simulated people feel it: whether they go on, and how many come."""

import asyncio
import contextlib
import math
from random import Random

from .browser import LOST, Browser, Refused

_LOOK_SECONDS = 1.0


class Pace:
    """Follows the demo's brake (/demo/brake/); `haste` divides every time that people take."""

    def __init__(
        self,
        door: Browser,
        rng: Random,
        *,
        haste: float = 1.0,
        seconds: float = 0,
        traffic: float | None = None,
    ) -> None:
        self.door, self.rng, self.haste = door, rng, haste
        self.traffic, self.wanted = 0.0, traffic
        self.served: set[str] = set()  # queues where somebody real is at work
        self.mondays = 0  # as many as were sent and not yet lived
        self._mondays: int | None = None
        self.over = False
        self._until = asyncio.get_running_loop().time() + seconds if seconds else math.inf
        self._going = asyncio.Event()

    @property
    def going(self) -> bool:
        return self._going.is_set()

    async def follow(self) -> None:
        """Returns when it is over."""
        while not self.over:
            with contextlib.suppress(*LOST, Refused):
                self._heard((await self.door.get("/demo/brake/")).json())
            if asyncio.get_running_loop().time() > self._until:
                self.over = True
            await asyncio.sleep(_LOOK_SECONDS)

    def _heard(self, said: dict) -> None:  # type: ignore[type-arg]
        self.traffic = said["traffic"] if self.wanted is None else self.wanted
        self.over = said["over"]
        self.served = set(said["served"])
        before = said["mondays"] if self._mondays is None else self._mondays
        self.mondays += max(0, said["mondays"] - before)
        self._mondays = said["mondays"]
        self._going.clear() if said["paused"] else self._going.set()

    async def rest(self, seconds: float) -> None:
        """The person's own time; it stands still while the brake is on."""
        await asyncio.sleep(seconds / self.haste)
        await self._going.wait()

    async def about(self, median: float, sigma: float = 0.5) -> None:
        """As people take it: log-normal, never more than four times as long."""
        await self.rest(min(4 * median, median * math.exp(self.rng.gauss(0, sigma))))
