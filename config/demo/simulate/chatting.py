"""A visitor of the widget: invited or not, patient or not, with gaps; leaves the page and comes
back; rates. Everything through the addresses that the loader's frame asks, and its socket."""

import asyncio
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection

from config.demo import data, marks
from config.demo.environment import HOSTS

from . import talks
from .browser import LOST, Refused
from .people import Person
from .script import Said

_PATIENCE = 140.0  # mean of the wait they bear
_ACCEPTS, _REFUSES = 0.5, 0.31
_FALLS_SILENT, _LEAVES_A_WHILE = 0.06, 0.12
_RATES, _COMMENTS, _COMMENTS_LOW = 0.45, 0.38, 0.71
_SCORES = [4, 5, 9, 26, 56]
_FOR_A_CARD = 20.0  # the survey follows the end of the chat
_LONGEST = 1800.0


@dataclass(frozen=True)
class Where:
    """The page with the widget."""

    site: str
    host: str
    path: str
    title: str
    subject: str = ""


INVITING = [
    Where("boutique", "shop", "/boutique/lumibox/", "Lumibox 5", "remote-control"),
    Where("boutique", "shop", "/boutique/mobile/", "Mobile 100 Go", "sim-esim-puk"),
    Where("boutique", "shop", "/boutique/", "Lumio Boutique", "offer-advice"),
]


class Visitor:
    def __init__(self, person: Person, where: Where) -> None:
        self.person, self.where, self.rng = person, where, person.rng
        self.page: dict[str, Any] = {
            "site": where.site,
            "url": f"http://{HOSTS[where.host]}:{person.browser.port}{where.path}",
            "title": where.title,
            "lang": person.language,
            "subject": where.subject,
            "referrer": marks.REFERRER,
        }
        self.lines: dict[int, dict[str, Any]] = {}
        self.pending: dict[str, str] = {}
        self.key = self.last = 0
        self.waits = self.over = self.rated = False
        self.changed = asyncio.Event()
        self.leaves_after = self.rng.randint(3, 7) if self.rng.random() < _FALLS_SILENT else 0
        self.away_after = self.rng.randint(2, 5) if self.rng.random() < _LEAVES_A_WHILE else 0

    async def ask(self, door: str, **more: Any) -> Any:
        return await self.person.send(f"/widget/{door}", {**self.page, **more})

    # Before the chat

    async def arrive(self, *, signed_in: bool) -> None:
        if self.where.host == "shop":
            who = f"as={self.person.named.mail}&" if signed_in else ""
            shown = await self.person.browser.look(
                HOSTS["shop"], f"{self.where.path}?{who}lang={self.person.language}"
            )
            if said := re.search(r'data-identity="([^"]+)"', shown.text):
                self.page["identity"] = said.group(1)
        self.look = await self.ask("visit", seconds=0, open=True)
        self.page["visit"] = self.look["visit"]

    async def wait_for_invitation(self) -> str | None:
        """The token of the chat it became."""
        at = self.look["ask_at"]
        if at is None:
            return None
        await self.person.pace.rest(at / 3)
        shown = (await self.ask("invite", seconds=at))["invitation"]
        if shown is None:
            return None
        await self.person.pace.about(6.0)
        what = self.rng.random()
        if what < _ACCEPTS:
            key = str(uuid.uuid4())
            began = (await self.ask("start", key=key, invitation=shown["id"]))["chat"]
            return self._began(began)
        if what < _ACCEPTS + _REFUSES:
            await self.ask("invitation", invitation=shown["id"], refuse=True)
            self.person.ledger.write("refused", invitation=shown["id"])
        return None

    async def press_button(self, text: str) -> str | None:
        """With the first line; None where no chat is offered now."""
        if not self.look["button"]["can_chat"]:
            return None
        key, client_id = str(uuid.uuid4()), str(uuid.uuid4())
        form = {"name": self.person.named.name, "mail": self.person.named.mail}
        self.person.ledger.write("open", client_id=client_id, text=text)
        answer = await self.ask("start", key=key, text=text, client_id=client_id, form=form)
        token = self._began(answer["chat"])
        if token:
            self.person.ledger.write("ack", i=self.key, client_id=client_id)
        return token

    def _began(self, chat: dict[str, Any] | None) -> str | None:
        if chat is None:
            return None
        self.key = chat["i"]
        self.person.ledger.write("began", i=self.key)
        return str(chat["token"])

    # The chat

    async def talk(self, token: str, first: str = "") -> None:
        """To its end. `first`: what they say when an invitation brought them."""
        self.token, self.first = token, first
        talking = asyncio.create_task(self._talk())
        with suppress(TimeoutError):
            await asyncio.wait_for(talking, _LONGEST)

    async def _talk(self) -> None:
        while not self.over:
            try:
                await self._connected()
            except LOST:
                await asyncio.sleep(1 + self.rng.random())

    async def _connected(self) -> None:
        async with self.person.browser.socket("/ws/visitor/") as socket:
            after = {str(self.key): self.last} if self.last else {}
            await _send(socket, t="hello", token=self.token, site=self.where.site, after=after)
            for client_id, text in self.pending.items():
                await _send(socket, t="say", i=self.key, client_id=client_id, text=text)
            side = [asyncio.create_task(work) for work in (self._speak(socket), self._wait(socket))]
            try:
                async for frame in socket:
                    self._hear(orjson.loads(frame))
            finally:
                for task in side:
                    task.cancel()
                await asyncio.gather(*side, return_exceptions=True)
        if socket.close_code == 4401:
            self.over = True

    def _hear(self, frame: dict[str, Any]) -> None:
        kind = frame.get("t")
        if kind == "welcome":
            self.waits = frame["status"] == "waiting"
        elif kind == "ack" and self.pending.pop(frame["client_id"], None) is not None:
            facts = {name: frame[name] for name in ("client_id", "i", "id")}
            self.person.ledger.write("ack", **facts)
        elif kind == "message":
            self._read(frame)
        elif kind == "since":
            for one in frame["frames"]:
                self._read(one)
            self.last = max(self.last, frame["seq"])
        self.changed.set()

    def _read(self, frame: dict[str, Any]) -> None:
        message = frame["m"]
        self.person.ledger.saw(frame["i"], message, self.lines.get(message["id"]))
        self.lines[message["id"]] = message
        self.last = max(self.last, frame["seq"])
        self.waits = self.waits and message["body"].get("event") != "assigned"

    def _said(self) -> list[Said]:
        texts = [m for _key, m in sorted(self.lines.items()) if m["kind"] == "text"]
        return [Said(m["author"] == "customer", m["text"]) for m in texts if not m["deleted"]]

    def _closed(self) -> bool:
        events = [m["body"].get("event") for _key, m in sorted(self.lines.items())]
        ends = [event for event in events if event in ("closed", "reopened")]
        return bool(ends) and ends[-1] == "closed"

    async def _speak(self, socket: ClientConnection) -> None:
        """Types when it is their turn, until it is over."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            if self._closed():
                await self._rate(socket)
                return
            if self._next() is None or self.pending:
                continue
            await self.person.pace.about(4.0 if not self._said() else 10.0)
            text = self._next()
            if text is None:
                continue
            await self._type(socket, text)
            await self._say(socket, text)
            await self._perhaps_go(socket)

    def _next(self) -> str | None:
        said = self._said()
        if not said:
            return self.first or None
        return talks.customer_says(said, self.rng)

    async def _type(self, socket: ClientConnection, text: str) -> None:
        if self.last:
            await _send(socket, t="read", i=self.key, seq=self.last)
        for _second in range(min(4, 1 + len(text) // 20)):
            await _send(socket, t="typing", i=self.key)
            await self.person.pace.rest(1.0)

    async def _say(self, socket: ClientConnection, text: str) -> None:
        client_id = str(uuid.uuid4())
        self.person.ledger.write("say", i=self.key, client_id=client_id, text=text, by="customer")
        self.pending[client_id] = text
        await _send(socket, t="say", i=self.key, client_id=client_id, text=text)

    async def _perhaps_go(self, socket: ClientConnection) -> None:
        mine = sum(said.by_customer for said in self._said())
        if self.leaves_after and mine >= self.leaves_after:
            self.over = True  # without a word
            await socket.close()
        elif self.away_after and mine >= self.away_after:
            self.away_after = 0
            await socket.close()
            await self.person.pace.about(20.0)

    async def _wait(self, socket: ClientConnection) -> None:
        """Nobody waits for ever."""
        await self.person.pace.rest(min(600.0, self.rng.expovariate(1 / _PATIENCE)))
        if self.waits:
            self.person.ledger.write("gave up", i=self.key)
            await self.ask("end", token=self.token)
            self.person.ledger.write("left", i=self.key)
            self.over = True
            await socket.close()

    async def _rate(self, socket: ClientConnection) -> None:
        """The card of the survey comes after the end, or not; it says thank you."""
        await self._until(lambda: self._card() is not None)
        if (card := self._card()) and not self.rated and self.rng.random() < _RATES:
            self.rated = True
            await self.person.pace.about(5.0)
            given = opinion(self.rng, self.person.language)
            self.person.ledger.write("rate", i=self.key, **given)
            with suppress(Refused):
                await self.person.send(card["post"], given)
                self.person.ledger.write("rated", i=self.key, **given)
                await self._until(lambda: (self._card() or {}).get("answered") is not None)
        self.over = True
        await socket.close()

    async def _until(self, there: Callable[[], bool]) -> None:
        """It is on the screen, or they have waited long enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FOR_A_CARD):
                while not there():
                    self.changed.clear()
                    await self.changed.wait()

    def _card(self) -> dict[str, Any] | None:
        bodies = (m["body"] for m in self.lines.values() if m["kind"] == "card")
        return next((body for body in bodies if body.get("post")), None)


def opinion(rng: Random, language: str) -> dict[str, Any]:
    """A score, with a comment more often when it is low."""
    score = rng.choices([1, 2, 3, 4, 5], _SCORES)[0]
    given: dict[str, Any] = {"score": score}
    if rng.random() < (_COMMENTS_LOW if score < 3 else _COMMENTS):
        given["comment"] = rng.choice(data.load("comments")[language][str(score)])
    return given


async def _send(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(orjson.dumps(frame).decode())
