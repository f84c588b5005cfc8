"""Amélie at her desk: signs in by her link, takes what is assigned, types as fast as people do. A
call that nobody else is free for she only pretends to make."""

import asyncio
import logging
import random
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.utils import translation
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from config.demo import links
from config.demo.environment import HOSTS

from .door import Door, Refused
from .script import Next, Said, next_line

log = logging.getLogger(__name__)

SILENT_SECONDS = 240  # a chat whose customer says nothing for so long is closed
_CALL_SECONDS = 20.0
_RETRY_SECONDS = 2.0
_TITLES = ("Madame ", "Monsieur ", "Ms ", "Mr ")


@dataclass
class Talk:
    """One chat of hers, as its frames tell it."""

    key: int
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    language: str = "fr"
    customer: str = ""
    heard: float = field(default_factory=time.monotonic)
    writing: bool = False
    over: bool = False
    by_phone: bool = False

    def said(self) -> list[Said]:
        texts = [m for _id, m in sorted(self.lines.items()) if m["kind"] == "text"]
        return [Said(m["author"] == "customer", m["text"]) for m in texts if not m.get("deleted")]


class Amelie:
    def __init__(self) -> None:
        self.door = Door(HOSTS["console"], settings.PORT)
        self.talks: dict[int, Talk] = {}
        self.socket: ClientConnection | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever: the server may go away and come back under her."""
        while True:
            try:
                await self._shift()
            except (OSError, WebSocketException, Refused) as error:
                log.info("Amélie waits for the server: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _shift(self) -> None:
        await asyncio.to_thread(self.door.get, links.link("simulated"))
        await asyncio.to_thread(self.door.get, "/console/desk/")  # brings the CSRF cookie
        address = f"ws://127.0.0.1:{settings.PORT}/ws/console/"
        host = f"{self.door.host}:{settings.PORT}"
        async with connect(
            address.replace("127.0.0.1", self.door.host),
            host="127.0.0.1",
            port=settings.PORT,
            origin=self.door.origin,  # type: ignore[arg-type]
            additional_headers=self.door.headers(),
            open_timeout=10,
            compression=None,
        ) as self.socket:
            log.info("Amélie is at her desk (%s)", host)
            self.talks.clear()
            await self._send(t="hello", after={})
            await self._send(t="state", state="available")
            await self._open_mine()
            watch = asyncio.create_task(self._watch())
            try:
                async for frame in self.socket:
                    await self._hear(orjson.loads(frame))
            finally:
                for task in (watch, *self.tasks):
                    task.cancel()
                self.tasks.clear()

    async def _open_mine(self) -> None:
        """After a restart: what she had in hand, from the desk's own snapshot."""
        shown = await asyncio.to_thread(self.door.get, "/console/desk/snapshot/")
        for row in shown["rows"]:
            if row["agent"] and row["channel"] != "mail" and row["status"] == "active":
                await self._open(row["i"])

    async def _send(self, **frame: Any) -> None:
        if self.socket is not None:
            await self.socket.send(orjson.dumps(frame).decode())

    async def _hear(self, frame: dict[str, Any]) -> None:
        kind = frame.get("t")
        if kind == "ping":
            await self._send(t="pong")
        elif kind == "assigned":
            await self._open(frame["i"])
        elif kind == "again":
            for key in list(self.talks):
                await self._send(t="open", i=key, after=0)
        elif kind == "message" and frame["i"] in self.talks:
            await self._read(self.talks[frame["i"]], frame["m"])

    async def _open(self, key: int) -> None:
        if key not in self.talks:
            self.talks[key] = talk = Talk(key)
            await asyncio.to_thread(self._who, talk)
            if talk.by_phone:
                self._start(self._call(talk))
        await self._send(t="open", i=key, after=0)

    def _who(self, talk: Talk) -> None:
        """Language and name, as the desk shows them."""
        for row in self.door.get(f"/console/desk/rows/?i={talk.key}")["rows"]:
            talk.language, talk.by_phone = row["language"], row["channel"] == "callback"
            named = row["customer"]["addressed"]
            talk.customer = named if named.startswith(_TITLES) else ""

    async def _read(self, talk: Talk, message: dict[str, Any]) -> None:
        event = message.get("body", {}).get("event")
        talk.lines[message["id"]] = message
        if message["kind"] == "event" and event in ("closed", "transferred", "ended"):
            talk.over = event != "ended"
            if talk.over:
                self.talks.pop(talk.key, None)
            elif not talk.by_phone:
                await self._close(talk, "solved")
            return
        if message["author"] == "customer":
            talk.heard = time.monotonic()
        if not (talk.writing or talk.over or talk.by_phone):
            self._start(self._answer(talk))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, talk: Talk) -> None:
        """Read, think, type, send; once more if the customer wrote meanwhile."""
        talk.writing = True
        try:
            await asyncio.sleep(random.uniform(1.0, 2.0))  # noqa: S311 (reading)
            while (line := next_line(talk.said(), talk.language, talk.customer)) is not None:
                await self._type(talk, line)
                await self._send(t="say", i=talk.key, client_id=str(uuid.uuid4()), text=line.text)
                await asyncio.sleep(1.0)
                if line.outcome:
                    await asyncio.sleep(3.0)
                    await self._close(talk, line.outcome)
                    return
                if not talk.said()[-1].by_customer:
                    return
        finally:
            talk.writing = False

    async def _call(self, talk: Talk) -> None:
        """So that who asked for a call sees it made, and gets the survey."""
        path = f"/console/callbacks/{talk.key}"
        with suppress(Refused):
            await asyncio.to_thread(self.door.post, f"{path}/calling/")
            await asyncio.sleep(_CALL_SECONDS)
            await asyncio.to_thread(self.door.post, f"{path}/hung-up/", outcome="reached")
        await self._close(talk, "solved")

    async def _type(self, talk: Talk, line: Next) -> None:
        for _second in range(min(8, 1 + len(line.text) // 25)):
            await self._send(t="typing", i=talk.key)
            await asyncio.sleep(1.0)

    async def _close(self, talk: Talk, outcome: str) -> None:
        path = f"/console/desk/{talk.key}/close/"
        with suppress(Refused):
            await asyncio.to_thread(self.door.post, path, outcome=outcome)
        self.talks.pop(talk.key, None)

    async def _watch(self) -> None:
        """Chats whose customer fell silent give their place to the next."""
        while True:
            await asyncio.sleep(15)
            for talk in list(self.talks.values()):
                if not talk.by_phone and time.monotonic() - talk.heard > SILENT_SECONDS:
                    await self._close(talk, "silent")


def run() -> None:
    translation.activate("fr")
    asyncio.run(Amelie().run())
