"""Who comes: a name, an address of the reserved domain, a language, a device. Some have been here
before."""

import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.conf import settings

from config.demo import data, marks
from config.demo.environment import HOSTS
from crm.text import words

from . import browser
from .browser import Answer, Browser, insist
from .ledger import Ledger
from .pace import Pace

_MOST_KNOWN = 400
_COMES_BACK = 0.3
_ENGLISH = 0.04


@dataclass(frozen=True)
class Named:
    name: str
    mail: str
    phone: str
    language: str


@dataclass
class Person:
    """One visit of somebody: their browser, their time, their part of the ledger."""

    named: Named
    pace: Pace
    ledger: Ledger
    rng: Random
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(
            HOSTS["portal"],
            settings.PORT,
            own_address=browser.address(self.rng),
            agent=browser.device(self.rng),
            language=self.language,
            referrer=marks.REFERRER,
        )

    @property
    def language(self) -> str:
        return self.named.language

    @property
    def short_name(self) -> str:
        return self.named.name.split()[0]

    async def get(self, path: str) -> Answer:
        return await insist(lambda: self.browser.get(path))

    async def form(self, path: str, **fields: str) -> Answer:
        return await insist(lambda: self.browser.post(path, **fields))

    async def send(self, path: str, data: dict[str, Any]) -> Any:
        return await insist(lambda: self.browser.send(path, data))


class Town:
    """Everybody who may come."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.known: list[Named] = []

    def somebody(self) -> Named:
        if self.known and self.rng.random() < _COMES_BACK:
            return self.rng.choice(self.known)
        new = self._new()
        self.known = [*self.known[-_MOST_KNOWN:], new]
        return new

    def _new(self) -> Named:
        people, rng = data.load("people"), self.rng
        first = rng.choice(people[rng.choice(["first_names_f", "first_names_m"])])
        name = f"{first} {rng.choice(people['last_names'])}"
        local = ".".join(words(name))
        # two who share a name are two people
        mail = f"{local}.{uuid.UUID(int=rng.getrandbits(128)).hex[:5]}@{marks.DOMAIN}"
        phone = f"+331990{rng.randint(0, 99999):05d}"  # numbers kept for fiction
        return Named(name, mail, phone, "en" if rng.random() < _ENGLISH else "fr")
