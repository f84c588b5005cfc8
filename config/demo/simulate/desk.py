"""A simulated agent at a desk: signs in by link, answers the chats that are assigned, makes the
calls that are due, takes mails out of the line. What another agent holds is left alone."""

import asyncio
import logging
import time
import uuid
from contextlib import suppress
from random import Random
from typing import Any

import orjson
from django.conf import settings
from websockets.asyncio.client import ClientConnection

from config.demo import links
from config.demo.environment import HOSTS

from . import letters, talks
from .browser import LOST, Browser, Refused
from .ledger import Ledger
from .pace import Pace
from .script import Next, promised
from .talk import Talk

log = logging.getLogger(__name__)

SILENT_SECONDS = 240  # a chat whose customer says nothing for so long is closed
_RETRY_SECONDS = 2.0
_CALL_SECONDS = 40.0
_CALLS = {"reached": 71, "no_answer": 14, "voicemail": 12, "busy": 3}
_BREAK_EVERY, _BREAK_SECONDS = 2400.0, 120.0
_MOST_CHATS = 1  # beside which mails are answered
_MAIL_EVERY, _LEFT_MAILS = 90.0, 3
_PASSES_ON, _AFTER_LINES = 0.06, 4


class Desk:
    def __init__(self, role: str, pace: Pace, ledger: Ledger, rng: Random) -> None:
        self.role, self.pace, self.ledger, self.rng = role, pace, ledger, rng
        self.name, self.number = "", 0
        self.door = Browser(HOSTS["console"], settings.PORT)
        self.talks: dict[int, Talk] = {}
        self.mails: set[int] = set()
        self.socket: ClientConnection | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever: the server may go away and come back under them."""
        while True:
            try:
                await self._shift()
            except (*LOST, Refused) as error:
                log.info("%s waits for the server: %s", self.role, error)
            except Exception:
                log.exception("%s stumbled", self.role)
            await asyncio.sleep(_RETRY_SECONDS * (1 + self.rng.random()))

    async def go_home(self) -> None:
        with suppress(*LOST, Refused):
            await self.door.post("/console/desk/state/", state="offline")

    async def _shift(self) -> None:
        await self.sign_in()
        await self.door.get("/console/desk/")  # brings the CSRF cookie
        async with self.door.socket("/ws/console/") as self.socket:
            self.talks.clear()
            self.mails.clear()
            await self._send(t="hello", after={})
            await self._send(t="state", state="available")
            await self._open_mine()
            for work in (self._watch(), self._take_mails(), self._take_breaks()):
                self._start(work)
            try:
                async for frame in self.socket:
                    await self._hear(orjson.loads(frame))
            finally:
                for task in self.tasks:
                    task.cancel()
                self.tasks.clear()

    async def sign_in(self) -> None:
        await self.door.get(links.link(self.role))

    async def _open_mine(self) -> None:
        """After a restart: what they had in hand, from the desk's own snapshot."""
        shown = (await self.door.get("/console/desk/snapshot/")).json()
        self.name, self.number = shown["me"]["name"], shown["me"]["id"]
        for row in shown["rows"]:
            await self._take(row)

    async def _send(self, **frame: Any) -> None:
        if self.socket is not None:
            await self.socket.send(orjson.dumps(frame).decode())

    async def _hear(self, frame: dict[str, Any]) -> None:
        means = {
            "ping": self._pinged,
            "welcome": self._welcomed,
            "assigned": self._assigned,
            "again": self._told_again,
            "ack": self._stored,
            "since": self._caught_up,
            "message": self._message,
            "rated": self._praised,
        }
        if work := means.get(frame["t"]):
            await work(frame)

    async def _pinged(self, _frame: dict[str, Any]) -> None:
        await self._send(t="pong")

    async def _welcomed(self, frame: dict[str, Any]) -> None:
        self.name = frame["agent"]["name"]

    async def _assigned(self, frame: dict[str, Any]) -> None:
        await self._open(frame["i"])

    async def _told_again(self, _frame: dict[str, Any]) -> None:
        for key in list(self.talks):
            await self._send(t="open", i=key, after=0)

    async def _stored(self, frame: dict[str, Any]) -> None:
        self.ledger.write("ack", **{k: frame[k] for k in ("client_id", "i", "id")})

    async def _caught_up(self, frame: dict[str, Any]) -> None:
        await self._read(frame["i"], *(one["m"] for one in frame["frames"]))

    async def _message(self, frame: dict[str, Any]) -> None:
        if frame["i"] not in self.talks and frame["m"]["author"] == "customer":
            await self._open(frame["i"])  # an answer to a letter of theirs
        await self._read(frame["i"], frame["m"])

    async def _praised(self, frame: dict[str, Any]) -> None:
        self.ledger.write("praised", i=frame["i"], score=frame["score"])

    async def _open(self, key: int) -> None:
        if key in self.talks:
            return
        for row in (await self.door.get(f"/console/desk/rows/?i={key}")).json()["rows"]:
            await self._take(row)

    async def _take(self, row: dict[str, Any]) -> None:
        """Begin with it, if it is theirs."""
        key, mine = row["i"], (row["agent"] or {}).get("id") == self.number
        if not mine or row["status"] != "active" or key in self.talks:
            return
        if row["channel"] == "mail":
            if key not in self.mails:
                self.mails.add(key)
                self._start(self._letter(key))
            return
        self.talks[key] = talk = Talk.of(row)
        talk.passes_on = self.rng.random() < _PASSES_ON
        if talk.channel == "callback":
            self._start(self._call(talk))
        await self._send(t="open", i=key, after=0)

    async def _read(self, key: int, *messages: dict[str, Any]) -> None:
        talk = self.talks.get(key)
        if talk is None:
            return
        for one in messages:
            self.ledger.saw(key, one, talk.lines.get(one["id"]))
            talk.lines[one["id"]] = one
        if any(one["author"] == "customer" for one in messages):
            talk.heard = time.monotonic()
        ended = talk.ended
        if ended in ("closed", "transferred"):
            self.talks.pop(key)
        elif talk.channel != "chat":
            return
        elif ended and any(one["body"].get("event") == ended for one in messages):
            self._start(self._wrap_up(talk))
        elif not (ended or talk.writing):
            talk.writing = True
            self._start(self._answer(talk))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(self._safely(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _safely(self, work: Any) -> None:
        """What the server refuses or loses is taken up again from its snapshot."""
        try:
            await work
        except (*LOST, Refused) as error:
            log.info("%s: %s", self.role, error)
        except Exception:
            log.exception("%s stumbled", self.role)

    # Chats

    async def _answer(self, talk: Talk) -> None:
        """Read, think, type, send; once more if the customer wrote meanwhile."""
        try:
            while (line := self._next(talk)) is not None and not talk.ended:
                if talk.scripted:
                    await self.pace.about(9.0)
                else:
                    await asyncio.sleep(self.rng.uniform(1.0, 2.0))
                line = self._next(talk) or line
                await self._type(talk, line)
                await self._say(talk, line.text)
                if line.outcome:
                    await self.pace.rest(3.0)
                    await self._close(talk, line.outcome)
                    return
                if await self._passed_on(talk):
                    return
        finally:
            talk.writing = False

    def _next(self, talk: Talk) -> Next | None:
        return talks.agent_says(
            talk.said(), talk.language, customer=talk.customer, agent=self.name or "Amélie"
        )

    async def _say(self, talk: Talk, text: str) -> None:
        """Returns when the line is there, in its place."""
        client_id, known = str(uuid.uuid4()), len(talk.lines)
        self.ledger.write("say", i=talk.key, client_id=client_id, text=text, by=self.role)
        await self._send(t="say", i=talk.key, client_id=client_id, text=text)
        for _tenth in range(100):
            await asyncio.sleep(0.1)
            if len(talk.lines) > known or talk.ended:
                return
        raise ConnectionError("no acknowledgement")

    async def _type(self, talk: Talk, line: Next) -> None:
        for _second in range(min(8, 1 + len(line.text) // 25)):
            await self._send(t="typing", i=talk.key)
            await self.pace.rest(1.0)

    async def _passed_on(self, talk: Talk) -> bool:
        """To a simulated colleague who is there; without one it goes on as it was."""
        if not (talk.passes_on and talk.scripted) or len(talk.said()) < _AFTER_LINES:
            return False
        talk.passes_on = False
        shown = (await self.door.get("/console/desk/snapshot/")).json()["colleagues"]
        there = [one["id"] for one in shown if one["simulated"] and one["state"] == "available"]
        if not there:
            return False
        to = str(self.rng.choice(there))
        await self._say(talk, talks.passing_on(talk.language))
        with suppress(Refused):
            await self.door.post(f"/console/desk/{talk.key}/transfer/", to_agent=to)
            return True
        return False

    async def _wrap_up(self, talk: Talk) -> None:
        await self.pace.about(8.0)
        await self._close(talk, "solved")

    async def _close(self, talk: Talk, outcome: str) -> None:
        with suppress(Refused):
            await self.door.post(
                f"/console/desk/{talk.key}/close/", outcome=outcome, **promised(outcome)
            )
        self.talks.pop(talk.key, None)

    async def _watch(self) -> None:
        """Chats whose customer fell silent give their place to the next."""
        while True:
            await self.pace.rest(15)
            for talk in list(self.talks.values()):
                silent = time.monotonic() - talk.heard > SILENT_SECONDS
                if talk.channel == "chat" and silent:
                    await self._close(talk, "silent")

    # Calls and mails

    async def _call(self, talk: Talk) -> None:
        """So that who asked for a call sees it made, and gets the survey."""
        path = f"/console/callbacks/{talk.key}"
        outcome = self.rng.choices(list(_CALLS), list(_CALLS.values()))[0]
        await self.pace.about(6.0)
        await self.door.post(f"{path}/calling/")
        await self.pace.about(_CALL_SECONDS if outcome == "reached" else 8.0)
        await self.door.post(f"{path}/hung-up/", outcome=outcome)
        self.ledger.write("called", i=talk.key, outcome=outcome)
        if outcome == "reached":
            await self.pace.about(10.0)
            await self._close(talk, "solved")
        self.talks.pop(talk.key, None)

    async def _take_mails(self) -> None:
        """The next one of the line, when few chats leave time for it. Some are left for whoever
        tries the product; the more where somebody real is at work."""
        while True:
            await self.pace.about(_MAIL_EVERY)
            chats = sum(talk.channel == "chat" for talk in self.talks.values())
            if chats > _MOST_CHATS or self.mails:
                continue
            rows = (await self.door.get("/console/desk/snapshot/")).json()["rows"]
            waiting = sum(row["channel"] == "mail" and row["status"] == "waiting" for row in rows)
            if waiting <= _LEFT_MAILS * (3 if self.pace.served else 1):
                continue
            with suppress(Refused):  # a colleague was faster
                taken = (await self.door.post("/console/desk/next/")).json()
                await self._open(taken["i"])

    async def _letter(self, key: int) -> None:
        try:
            shown = (await self.door.get(f"/console/desk/{key}/")).json()
            for frame in shown["talk"]["frames"]:
                self.ledger.saw(key, frame["m"])
            await self.pace.about(25.0)
            text, then = letters.answer_to(shown, self.name, self.rng)
            client_id = str(uuid.uuid4())
            self.ledger.write("letter", i=key, client_id=client_id, text=text, by=self.role)
            await self.door.post(
                f"/console/desk/{key}/say/", text=text, client_id=client_id, **then
            )
            self.ledger.write("posted", i=key, client_id=client_id)
        finally:
            self.mails.discard(key)

    async def _take_breaks(self) -> None:
        while True:
            await self.pace.about(_BREAK_EVERY)
            if not self.talks and not self.mails:
                await self._send(t="state", state="break")
                await self.pace.rest(_BREAK_SECONDS)
                await self._send(t="state", state="available")
