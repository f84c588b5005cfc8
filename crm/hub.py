"""Per web process: group → sockets, fed by one Redis subscription. Only `crm.events` and the
consumers know it.

Every process publishes through one synchronous client, one PUBLISH per call. The sockets of the
publishing process are served directly, so one process alone needs no Redis; the others skip what
they sent themselves. Frames may be lost (Redis away, mailbox full): screens then hear `again`,
or are closed, and ask for what followed the last number they saw.
"""

import asyncio
import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

import orjson
import redis
import redis.asyncio
import redis.asyncio.retry
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

MAILBOX_FRAMES = 512  # what a socket may have unsent before it is closed
OVERFLOW = 4408  # close code: too slow; come back and catch up
EVERYBODY = "*"  # the group of all sockets
AGAIN = '{"t":"again"}'  # frames may be missing: ask for what followed your last number
_AWAY_SECONDS = 2.0  # how long a Redis that failed is left alone
_TIMEOUT = 0.2

_SALT = secrets.token_hex(6)

# one frame for the sockets of several groups: a socket in two of them gets it once
Frame = tuple[str | Sequence[str], dict[str, Any]]
_Ready = list[tuple[tuple[str, ...], str]]


def publish(frames: Sequence[Frame]) -> None:
    """Hand frames to the sockets of every process, in this order. Any thread may call it.

    Never raises and never waits longer than 0.2 s (once, then Redis is left alone for a while)."""
    try:
        ready = [(_groups(group), encode(frame)) for group, frame in frames]
    except (TypeError, ValueError):  # our own mistake, and no reason to fail what was committed
        log.exception("hub: a frame that is no JSON")
        return
    if ready:
        _serve_here(ready)
        _bus.send(ready)


def encode(frame: dict[str, Any]) -> str:
    """The text of a frame on the wire; lazy translations become text here."""
    return orjson.dumps(frame, default=str).decode()


def _groups(group: str | Sequence[str]) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else tuple(group)


def _serve_here(ready: _Ready) -> None:
    for hub in list(_hubs.values()):
        hub.hand_over(ready)


class Member(Protocol):
    """Whoever hears the frames of groups."""

    groups: set[str]

    def put(self, text: str) -> None: ...


class Mailbox:
    """What one socket still has to send: bounded, emptied by one writer task."""

    __slots__ = ("_close", "_idle", "_send", "_task", "_waiting", "groups", "open")

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
    ) -> None:
        self._send = send
        self._close = close
        self._waiting: deque[str | int] = deque()  # an int: close with it
        self._idle: asyncio.Future[None] | None = None
        self.groups: set[str] = set()
        self.open = True
        self._task = asyncio.get_running_loop().create_task(self._write())

    def put(self, text: str) -> None:
        """Never waits. A full mailbox closes its socket: the client comes back and catches up."""
        if not self.open:
            return
        if len(self._waiting) >= MAILBOX_FRAMES:
            self.stop(OVERFLOW)
            return
        self._waiting.append(text)
        self._wake()

    def stop(self, code: int | None = None) -> None:
        """Send nothing more; with a code, close the socket too. Twice changes nothing."""
        if not self.open:
            return
        self.open = False
        self._waiting.clear()
        self._task.cancel()
        if code is not None:
            self._task = asyncio.get_running_loop().create_task(self._shut(code))

    def close_after(self, code: int) -> None:
        """Let what was said get out first, then close."""
        if self.open:
            self._waiting.append(code)
            self._wake()

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                while self._waiting:
                    if isinstance(item := self._waiting.popleft(), int):
                        self.open = False
                        return await self._close(item)
                    await self._send(item)
                self._idle = loop.create_future()
                await self._idle
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the transport is gone; the consumer hears of it by itself
            log.debug("socket gone while sending: %r", error)
            self.open = False

    async def _shut(self, code: int) -> None:
        try:
            await self._close(code)
        except Exception as error:
            log.debug("socket gone while closing: %r", error)


class Hub:
    """The sockets of one event loop, by group. Used from its loop only, but for `hand_over`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._members: dict[str, set[Member]] = {}
        self._listener = loop.create_task(self._listen())
        self.listening = asyncio.Event()  # set while Redis' subscription stands

    def join(self, member: Member, *groups: str) -> None:
        for group in (EVERYBODY, *groups):
            self._members.setdefault(group, set()).add(member)
            member.groups.add(group)

    def leave(self, member: Member, *groups: str) -> None:
        """Leave these groups; without any: all of them."""
        for group in groups or tuple(member.groups):
            member.groups.discard(group)
            members = self._members.get(group)
            if members is not None:
                members.discard(member)
                if not members:
                    del self._members[group]

    def size(self, group: str = EVERYBODY) -> int:
        return len(self._members.get(group, ()))

    def sockets(self) -> list[Mailbox]:
        members = self._members.get(EVERYBODY, ())
        return [member for member in members if isinstance(member, Mailbox)]

    def hand_over(self, ready: _Ready) -> None:
        if threading.get_ident() == self._thread:
            self._deliver(ready)
            return
        try:
            self._loop.call_soon_threadsafe(self._deliver, ready)
        except RuntimeError:  # the loop has ended; its sockets are gone with it
            _hubs.pop(self._loop, None)

    def _deliver(self, ready: _Ready) -> None:
        members = self._members
        for groups, text in ready:
            if len(groups) == 1:
                receivers: Iterable[Member] = members.get(groups[0], ())
            else:
                receivers = set().union(*(members.get(group, ()) for group in groups))
            for member in tuple(receivers):
                member.put(text)

    async def _listen(self) -> None:
        """Keep one subscription; whenever it was lost, every socket catches up."""
        wait, first = 0.1, True
        while True:
            try:
                async with _subscriber() as client, client.pubsub() as pubsub:
                    await pubsub.subscribe(_channel())
                    self.listening.set()
                    if not first:
                        self._deliver([((EVERYBODY,), AGAIN)])
                    wait, first = 0.1, False
                    await self._receive(pubsub)
            except (redis.RedisError, OSError, TimeoutError) as error:
                if wait == 0.1:
                    log.warning("hub: Redis is away (%s)", type(error).__name__)
            self.listening.clear()
            first = False
            await asyncio.sleep(wait)
            wait = min(wait * 2, 2.0)

    async def _receive(self, pubsub: Any) -> None:
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=15.0)
            if message is None:
                await pubsub.ping()
            elif message["type"] == "message":
                origin, ready = _unpack(message["data"])
                if origin != _origin():
                    self._deliver(ready)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def current() -> Hub:
    """The running loop's hub; the first call in a process starts its Redis subscription."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        for ended in [other for other in _hubs if other.is_closed()]:
            del _hubs[ended]
        hub = _hubs[loop] = Hub(loop)
    return hub


# -- the bus ----------------------------------------------------------------------------------
# One broker message: the sender's name, then a line per frame: groups, TAB, JSON. JSON of
# orjson holds neither a raw newline nor a raw TAB.


def _channel() -> str:
    """Redis' PUBLISH knows no database number: the name of ours keeps installations and parallel
    test runs apart."""
    return f"bravo:{connection.settings_dict['NAME']}"


def _origin() -> str:
    return f"{_SALT}.{os.getpid()}"  # the pid: Celery forks after import


def _pack(ready: _Ready) -> str:
    return "\n".join([_origin(), *(f"{','.join(groups)}\t{text}" for groups, text in ready)])


def _unpack(data: bytes) -> tuple[str, _Ready]:
    origin, _newline, rest = data.decode().partition("\n")
    ready: _Ready = []
    for line in rest.split("\n") if rest and origin != _origin() else ():
        groups, _tab, text = line.partition("\t")
        ready.append((tuple(groups.split(",")), text))
    return origin, ready


def _subscriber() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=1.0,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
    )


class _Bus:
    """The publishing side, with its circuit breaker."""

    def __init__(self) -> None:
        self._client: redis.Redis | None = None
        self._away_until = 0.0
        self._lock = threading.Lock()
        self._repairing = False

    def send(self, ready: _Ready) -> None:
        if time.monotonic() < self._away_until or self._repairing:
            return  # whoever misses it hears `again` when Redis is back
        try:
            self._publish(ready)
        except (redis.RedisError, OSError) as error:
            log.warning("hub: cannot publish, Redis is away (%s)", type(error).__name__)
            self._away_until = time.monotonic() + _AWAY_SECONDS
            self._repair_soon()

    def _publish(self, ready: _Ready) -> None:
        if self._client is None:
            self._client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_connect_timeout=_TIMEOUT,
                socket_timeout=_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        self._client.publish(_channel(), _pack(ready))

    def _repair_soon(self) -> None:
        with self._lock:
            if self._repairing:
                return
            self._repairing = True
        threading.Thread(target=self._repair, name="hub-repair", daemon=True).start()

    def _repair(self) -> None:
        """Once Redis answers again, every process' sockets catch up on what it did not carry."""
        while True:
            time.sleep(_AWAY_SECONDS)
            try:
                self._publish([])
            except (redis.RedisError, OSError):
                continue
            self._away_until = 0.0
            self._repairing = False
            log.info("hub: Redis is back")
            # Last: what was left unsaid until here is caught up on now.
            self.send([((EVERYBODY,), AGAIN)])
            return


_bus = _Bus()
