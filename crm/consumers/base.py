"""What all sockets have in common: frames are JSON objects with `t` (docs/protocol.md).

A door: it checks shape, length, pace and right, hands lines to the writer, and answers every
frame it cannot use with an error, never with a crash or silence.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import orjson
from asgiref.sync import sync_to_async
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import close_old_connections

from crm import events, hub
from crm.services import posting, wording, writer
from crm.services.posting import Answer, Audience, Line, Posted

from . import restart

log = logging.getLogger(__name__)

VERSION = 1
MOST_BYTES = 64 * 1024
MOST_STREAMS = 200  # interactions one socket may follow

# close codes of docs/protocol.md
SESSION_OVER = 4401  # sign in again, or get a new token
FLOOD = 4429  # too many refused frames in a row

_MOST_FAULTS = 50

Frame = dict[str, Any]
# name → (type, required); numbers are counters and keys: never negative, exact in JavaScript
Fields = dict[str, tuple[type, bool]]


def in_thread(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """Database work off the event loop, on one of several threads; gives its connection back."""

    def run() -> Any:
        close_old_connections()
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return sync_to_async(run, thread_sensitive=False)()


class Pace:
    """A token bucket: `most` at once, refilled in `seconds`."""

    __slots__ = ("_at", "_left", "_most", "_per_second")

    def __init__(self, most: float, seconds: float) -> None:
        self._most = self._left = float(most)
        self._per_second = most / seconds
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class SocketConsumer(AsyncConsumer):
    """One socket. A subclass says who may enter (`admit`), who speaks (`line`), and may add
    handlers: `on_<t>`, with the fields they need in `fields`."""

    audience: ClassVar[Audience]
    lines_pace: ClassVar[tuple[float, float]] = (20, 5.0)
    frames_pace: ClassVar[tuple[float, float]] = (100, 5.0)
    fields: ClassVar[dict[str, Fields]] = {
        "ping": {},
        "say": {
            "i": (int, True),
            "client_id": (str, True),
            "text": (str, True),
            "kind": (str, False),
        },
        "edit": {"i": (int, True), "id": (int, True), "text": (str, True)},
        "delete": {"i": (int, True), "id": (int, True)},
        "since": {"i": (int, True), "after": (int, True)},
        "typing": {"i": (int, True)},
        "read": {"i": (int, True), "seq": (int, True)},
    }

    mailbox: hub.Mailbox

    # -- what a subclass decides

    async def admit(self) -> int | None:
        """None to let it in, else the close code it is turned away with."""
        return SESSION_OVER

    def line(self, frame: Frame) -> Line | str:
        """The line that a `say` means, or an error code."""
        return "forbidden"

    def speaker(self) -> dict[str, Any]:
        """`who` and `name` of typing and read marks; empty: may do neither."""
        return {}

    async def unsent(self, frame: Frame) -> Frame:
        """What staff see of a line that is being written: `text`, or nothing."""
        return {}

    def author(self) -> dict[str, Any]:
        """`author` and `agent_id` of the lines this socket says; empty: says none."""
        return {}

    def mark_read(self, interaction_id: int, seq: int) -> bool:
        """Keep the read mark (runs in a thread)."""
        return False

    async def left(self) -> None:
        """The socket is closed."""

    # -- life

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels' own loop makes a task and a thread hop per event (140 µs a line): ours calls
        the handler. Database work says itself that it wants a thread."""
        self.scope, self.base_send = scope, send
        self.streams: set[int] = set()
        self._lines, self._frames = Pace(*self.lines_pace), Pace(*self.frames_pace)
        self._typed: dict[int, float] = {}
        self._faults = 0
        self._entered = False
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            if self._entered:
                hub.current().leave(self.mailbox)
                self.mailbox.stop()
                await self.left()

    async def dispatch(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.receive":
            await self.receive(message)
        elif kind == "websocket.connect":
            await self._connect()
        elif kind == "websocket.disconnect":
            raise StopConsumer

    async def _connect(self) -> None:
        restart.watch()
        code = await self.admit()
        await self.base_send({"type": "websocket.accept"})
        if code is not None:
            # accepted first: a browser tells its page the code of an open socket only
            await self._close(code)
            return
        self.mailbox = hub.Mailbox(self._send_text, self._close)
        self._entered = True
        hub.current().join(self.mailbox)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.base_send({"type": "websocket.close", "code": code})

    # -- out

    def put(self, frame: Frame) -> None:
        self.mailbox.put(hub.encode(frame))

    def error(self, code: str, frame: Frame | None = None, **more: Any) -> None:
        """Say why a frame had no effect, with what lets the client find which one it was."""
        known = {
            key: value
            for key in ("i", "client_id")
            if frame and isinstance(value := frame.get(key), (int, str)) and len(str(value)) <= 64
        }
        self.put({"t": "error", "code": code, **known, **more})
        self._faults += 1
        if self._faults > _MOST_FAULTS:
            self.mailbox.close_after(FLOOD)

    def shut(self, code: int) -> None:
        self.mailbox.close_after(code)

    # -- in

    async def receive(self, message: dict[str, Any]) -> None:
        if not self._entered or not self.mailbox.open:
            return  # turned away, or being closed
        frame = self._read(message)
        if isinstance(frame, str):
            self.error(frame)
            return
        kind = frame.get("t")
        if not isinstance(kind, str):
            self.error("malformed", frame)
        elif (fields := self.fields.get(kind)) is None:
            self.error("unknown", frame)
        elif not _fits(frame, fields):
            self.error("malformed", frame)
        elif not self._frames.take():
            self.error("too_fast", frame)
        else:
            faults = self._faults
            await self._handle(kind, frame)
            if self._faults == faults:
                self._faults = 0

    async def _handle(self, kind: str, frame: Frame) -> None:
        try:
            await getattr(self, f"on_{kind}")(frame)
        except Exception:
            log.exception("a %s frame failed", kind)
            self.error("busy", frame)

    def _read(self, message: dict[str, Any]) -> Frame | str:
        text = message.get("text")
        if text is None:
            return "malformed"
        if len(text) > MOST_BYTES:
            return "too_large"
        try:
            frame = orjson.loads(text)
        except ValueError:
            return "malformed"
        return frame if isinstance(frame, dict) else "malformed"

    # -- what both audiences may say

    async def on_ping(self, frame: Frame) -> None:
        self.put({"t": "pong"})

    async def on_say(self, frame: Frame) -> None:
        if not wording.fresh():
            await in_thread(wording.refresh)
        if frame["i"] not in self.streams:
            self.error("forbidden", frame)
        elif len(frame["text"]) > posting.MAX_LENGTH:
            self.error("too_large", frame)
        elif not self._lines.take():
            self.error("too_fast", frame)
        elif isinstance(line := self.line(frame), str):
            self.error(line, frame)
        else:
            writer.submit(line, self._answer)

    async def on_edit(self, frame: Frame) -> None:
        await self._change(frame, await in_thread(wording.masked, frame["text"]))

    async def on_delete(self, frame: Frame) -> None:
        await self._change(frame, None)

    async def _change(self, frame: Frame, text: str | None) -> None:
        """Their own last line; the change comes back to both sides as the message it is now."""
        author = self.author()
        if frame["i"] not in self.streams or not author:
            self.error("forbidden", frame)
        elif not self._lines.take():
            self.error("too_fast", frame)
        elif code := await in_thread(posting.change_own, frame["i"], frame["id"], text, **author):
            self.error(code, frame)

    def _answer(self, answer: Answer) -> None:
        line = answer.line
        if isinstance(answer, Posted):
            self.put(
                {
                    "t": "ack",
                    "client_id": line.client_id,
                    "i": line.interaction_id,
                    "seq": answer.seq(self.audience),
                    "id": answer.id,
                }
            )
        else:
            self.error(answer.code, {"i": line.interaction_id, "client_id": line.client_id})

    async def follow(self, interaction_id: int, after: int | None = None) -> None:
        """Show this interaction from now on, and what it missed. The caller has checked the right.

        Joined before the database is asked: a frame may come twice, never not at all."""
        if len(self.streams) >= MOST_STREAMS and interaction_id not in self.streams:
            self.error("too_large", {"i": interaction_id})
            return
        self.streams.add(interaction_id)
        hub.current().join(self.mailbox, f"i:{interaction_id}:{self.audience}")
        if after is not None:
            await self.catch_up(interaction_id, after)

    def unfollow(self, interaction_id: int) -> None:
        self.streams.discard(interaction_id)
        hub.current().leave(self.mailbox, f"i:{interaction_id}:{self.audience}")

    async def catch_up(self, interaction_id: int, after: int) -> None:
        self.put(await in_thread(posting.catch_up, interaction_id, self.audience, after))

    async def on_since(self, frame: Frame) -> None:
        if frame["i"] in self.streams:
            await self.catch_up(frame["i"], frame["after"])
        else:
            self.error("forbidden", frame)

    async def on_typing(self, frame: Frame) -> None:
        """Passed on once a second at most, never stored."""
        speaker, now = self.speaker(), time.monotonic()
        if frame["i"] not in self.streams or not speaker:
            self.error("forbidden", frame)
        elif now - self._typed.get(frame["i"], 0.0) >= 1.0:
            self._typed[frame["i"]] = now
            unsent = await self.unsent(frame)
            self._show(frame["i"], {"t": "typing", "i": frame["i"], **speaker, **unsent})

    async def on_read(self, frame: Frame) -> None:
        speaker = self.speaker()
        if frame["i"] not in self.streams or not speaker:
            self.error("forbidden", frame)
        elif await in_thread(self.mark_read, frame["i"], frame["seq"]):
            self._show(frame["i"], {"t": "read", "i": frame["i"], **speaker, "seq": frame["seq"]})

    def _show(self, interaction_id: int, frame: Frame) -> None:
        """To both sides; an agent's number and what is not sent yet stay among colleagues."""
        public = {key: value for key, value in frame.items() if key not in ("agent", "text")}
        shown: list[events.Frame] = [
            (f"i:{interaction_id}:{posting.STAFF}", frame),
            (f"i:{interaction_id}:{posting.CUSTOMER}", public),
        ]
        writer.show(shown)


def _fits(frame: Frame, fields: Fields) -> bool:
    for name, (kind, required) in fields.items():
        value: Any = frame.get(name)
        if value is None:
            if required:
                return False
        elif type(value) is not kind or (type(value) is int and not 0 <= value < 2**53):
            return False
    return True
