"""The two processes of simulated people, from their start to their end."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from django.conf import settings
from django.utils import translation

from config.demo import links
from config.demo.environment import HOSTS

from .browser import Browser
from .customers import Customers
from .desk import Desk
from .ledger import Ledger
from .pace import Pace

_Part = Callable[[Pace, Ledger, Random], Coroutine[Any, Any, None]]


def run(who: str, *, seconds: float = 0, haste: float = 1.0, traffic: float | None = None) -> None:
    """`agents` or `customers`, until the demo's data is removed, or for these seconds."""
    translation.activate("fr")
    asyncio.run(_run(PARTS[who], Ledger(who), seconds, haste, traffic))


async def _run(
    part: _Part, ledger: Ledger, seconds: float, haste: float, traffic: float | None
) -> None:
    rng = Random()  # noqa: S311 (believable, not secret)
    door = Browser(HOSTS["portal"], settings.PORT)
    pace = Pace(door, rng, haste=haste, seconds=seconds, traffic=traffic)
    work, end = (asyncio.create_task(one) for one in (part(pace, ledger, rng), pace.follow()))
    await asyncio.wait((work, end), return_when=asyncio.FIRST_COMPLETED)
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work  # what it stumbled over ends the process; the supervisor begins it again


async def _agents(pace: Pace, ledger: Ledger, rng: Random) -> None:
    desks = [Desk(role, pace, ledger, rng) for role in links.SIMULATED]
    try:
        await asyncio.gather(*(desk.run() for desk in desks))
    finally:
        await asyncio.gather(*(desk.go_home() for desk in desks))


async def _customers(pace: Pace, ledger: Ledger, rng: Random) -> None:
    await Customers(pace, ledger, rng).run()


PARTS: dict[str, _Part] = {"agents": _agents, "customers": _customers}
