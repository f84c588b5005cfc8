"""The customers: they come at today's rhythm, each with a small story of their own, and go."""

import asyncio
import logging
from collections.abc import Awaitable
from random import Random
from typing import Any

from crm import clock

from . import arrivals, calling, chatting, reading, talks, writing
from .browser import LOST, Refused
from .ledger import Ledger
from .pace import Pace
from .people import Person, Town

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_MOST_AT_ONCE = 600
_MONDAY, _MONDAY_SECONDS = 25, 90.0
_INVITED, _SIGNED_IN, _READS_FIRST = 0.3, 0.4, 0.5


class Customers:
    def __init__(self, pace: Pace, ledger: Ledger, rng: Random) -> None:
        self.pace, self.ledger, self.rng = pace, ledger, rng
        self.town = Town(rng)
        self.postman = writing.Postman(pace.door)
        self.there: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever; whoever is there goes on while the brake lets them."""
        looks = asyncio.create_task(self.postman.run())
        try:
            while True:
                await asyncio.sleep(_TICK_SECONDS)
                if self.pace.going:
                    self._let_in()
        finally:
            looks.cancel()

    def _let_in(self) -> None:
        rate = self.pace.traffic * self.pace.haste  # their days are shorter too
        coming = list(arrivals.drawn(self.rng, clock.now(), _TICK_SECONDS, rate))
        if self.pace.mondays:
            self.pace.mondays -= 1
            coming += [("monday", arrivals.fault(self.rng)) for _person in range(_MONDAY)]
        for channel, subject in coming[: max(0, _MOST_AT_ONCE - len(self.there))]:
            own = Random(self.rng.random())  # noqa: S311 (believable, not secret)
            person = Person(self.town.somebody(), self.pace, self.ledger, own)
            task = asyncio.create_task(self._safely(_story(person, channel, subject, self.postman)))
            self.there.add(task)
            task.add_done_callback(self.there.discard)

    async def _safely(self, story: Awaitable[Any]) -> None:
        """Whoever finds a closed door gives up; nobody else notices."""
        try:
            await story
        except (*LOST, Refused) as error:
            log.info("somebody gave up: %s", error)
        except Exception:
            log.exception("a simulated customer stumbled")


async def _story(person: Person, channel: str, subject: str, postman: writing.Postman) -> None:
    if channel == "reader":
        await reading.read(person)
    elif channel == "mail":
        await writing.write(person, subject, postman)
    elif channel == "callback":
        about = talks.opening(person.rng, subject, person.language)
        await calling.ask_for_a_call(person, subject, about)
    elif channel == "monday":
        await person.pace.rest(person.rng.uniform(0, _MONDAY_SECONDS))
        await _press(person, subject, postman)
    else:
        await _chat(person, subject, postman)


async def _chat(person: Person, subject: str, postman: writing.Postman) -> None:
    """From an invitation, or from the button."""
    rng = person.rng
    if rng.random() < _INVITED:
        where = rng.choice(chatting.INVITING)
        visitor = chatting.Visitor(person, where)
        await visitor.arrive(signed_in=rng.random() < _SIGNED_IN)
        token = await visitor.wait_for_invitation()
        if token:
            await visitor.talk(token, talks.opening(rng, where.subject, person.language))
        return
    await _press(person, subject, postman)


async def _press(person: Person, subject: str, postman: writing.Postman) -> None:
    """The button. Where no chat is offered, they write instead."""
    rng = person.rng
    visitor = chatting.Visitor(person, await _page(person, subject))
    await visitor.arrive(signed_in=rng.random() < _SIGNED_IN)
    await person.pace.about(5.0)
    if token := await visitor.press_button(talks.opening(rng, subject, person.language)):
        await visitor.talk(token)
    else:
        await writing.write(person, subject, postman)


async def _page(person: Person, subject: str) -> chatting.Where:
    """Half read something first; the others come from the shop."""
    if person.rng.random() < _READS_FIRST:
        path, title = await reading.read(person)
        home = f"/{person.language}/"
        return chatting.Where("portal", "portal", path or home, title or "Lumio", subject)
    return chatting.Where("boutique", "shop", "/boutique/", "Lumio Boutique", subject)
