"""One writer per web process: takes all waiting chat lines as its next batch.

At rest a batch is one line and waits for nothing; under load batches grow by themselves. A line
is acknowledged, and shown, after its commit and never before. Three threads, each with a
connection of its own: the writer; the slow lane for lines that must wait (their interaction is
locked) or do more than be stored (wake, reopen, deliver); and the aftermath, which tells the
other apps.
"""

import asyncio
import copy
import itertools
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection, connections
from django.db.utils import load_backend

from crm import events
from crm.services import posting
from crm.services.posting import Answer, Line, Posted, Refused

log = logging.getLogger(__name__)

MOST_LINES = 500  # in one statement
_ASK_AGAIN_SECONDS = 2.0  # between two tries to find an agent for one interaction

_Done = Callable[[Answer], None]
_END = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    line: Line
    done: _Done
    loop: asyncio.AbstractEventLoop


def submit(line: Line, done: _Done) -> None:
    """Have a line stored; `done` is called on the running loop with what became of it. Lines of
    one interaction are stored in the order in which they were submitted."""
    _threads.start()
    _inbox.put(_Waiting(line, done, asyncio.get_running_loop()))


async def say(line: Line) -> Answer:
    """`submit`, awaited."""
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    submit(line, lambda result: None if answer.done() else answer.set_result(result))
    return await answer


def show(frames: Sequence[events.Frame]) -> None:
    """Publish what is never stored (typing, read marks) without holding up the event loop."""
    _threads.start()
    _inbox.put(frames)


def stop(seconds: float = 10.0) -> None:
    """Store what waits, end the threads, close their connections. The next line starts anew."""
    _threads.stop(seconds)


# -- the writer -------------------------------------------------------------------------------

_inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()


def _write() -> None:
    for batch in _batches():
        waiting = [item for item in batch if isinstance(item, _Waiting)]
        shown = [frame for item in batch if isinstance(item, Sequence) for frame in item]
        try:
            shown = [*_store(_slow.keep_behind(waiting)), *shown]
            events.push_all(shown)
        except Exception:
            log.exception("the writer stumbled over a batch of %s", len(waiting))
            _answer([(item, Refused(item.line, "busy")) for item in waiting])


def _batches() -> Iterator[list[Any]]:
    """All that waits, up to a limit; ends at the end mark."""
    while True:
        batch = [_inbox.get()]
        while batch[-1] is not _END and len(batch) < MOST_LINES:
            try:
                batch.append(_inbox.get_nowait())
            except queue.Empty:
                break
        ended = batch[-1] is _END
        if items := batch[:-1] if ended else batch:
            yield items
        if ended:
            return


def _store(waiting: list[_Waiting]) -> list[events.Frame]:
    """Store, acknowledge, pass on; returns the frames to show."""
    if not waiting:
        return []
    outcome = _tried([item.line for item in waiting])
    if outcome is None:
        _answer([(item, Refused(item.line, "busy")) for item in waiting])
        return []
    answers, frames, left = outcome
    _answer([(item, answer) for item, answer in zip(waiting, answers, strict=True) if answer])
    for place in left:
        _slow.put(waiting[place])
    _after.put([answer for answer in answers if isinstance(answer, Posted)])
    return frames


def _tried(lines: list[Line]) -> Any:
    """Once more on a new connection when the database went away; None when it is still away.
    Safe, because a line that was stored all the same is known by its key."""
    for _attempt in range(2):
        try:
            return posting.store(lines)
        except (OperationalError, InterfaceError) as error:
            log.warning("the writer lost the database: %s", type(error).__name__)
            connection.close()
    return None


def _answer(pairs: Sequence[tuple[_Waiting, Answer]]) -> None:
    for loop, group in itertools.groupby(pairs, lambda pair: pair[0].loop):
        answers = [(item.done, answer) for item, answer in group]
        try:
            loop.call_soon_threadsafe(_call, answers)
        except RuntimeError:  # the loop has ended: nobody waits any more
            log.debug("%s answers for an ended loop", len(answers))


def _call(answers: list[tuple[_Done, Answer]]) -> None:
    for done, answer in answers:
        try:
            done(answer)
        except Exception:
            log.exception("an acknowledgement could not be handed over")


# -- the slow lane ----------------------------------------------------------------------------


class _SlowLane:
    """One by one and in order: whoever has a line here keeps the later ones behind it."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()

    def put(self, item: _Waiting) -> None:
        with self._lock:
            self._held[item.line.interaction_id] += 1
        self.inbox.put(item)

    def keep_behind(self, waiting: list[_Waiting]) -> list[_Waiting]:
        """Queues those whose interaction is in the lane; returns the others."""
        if not self._held:
            return waiting
        free = []
        for item in waiting:
            with self._lock:
                held = item.line.interaction_id in self._held
            if held:
                self.put(item)
            else:
                free.append(item)
        return free

    def run(self) -> None:
        while (item := self.inbox.get()) is not _END:
            try:
                answer = posting.post_slowly(item.line)
            except Exception:
                log.exception("a line could not be stored")
                answer = Refused(item.line, "busy")
            if isinstance(answer, Refused) and answer.code == "busy":
                connection.close_if_unusable_or_obsolete()
            _answer([(item, answer)])
            self._release(item.line.interaction_id)

    def _release(self, interaction_id: int) -> None:
        with self._lock:
            self._held[interaction_id] -= 1
            if not self._held[interaction_id]:
                del self._held[interaction_id]


# -- the aftermath ----------------------------------------------------------------------------


class _Aftermath:
    """What follows from a line, off its path: an agent for who waits, and the other apps."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[list[Posted] | None] = queue.SimpleQueue()
        self._asked: dict[int, float] = {}

    def put(self, posted: list[Posted]) -> None:
        fresh = [answer for answer in posted if not answer.repeated]
        if any(answer.waiting for answer in fresh) or events.message_posted.has_listeners():
            self.inbox.put(fresh)

    def run(self) -> None:
        while (posted := self.inbox.get()) is not _END:
            try:
                self._tell(posted)
            except Exception:
                log.exception("the aftermath of %s lines failed", len(posted))
                connection.close_if_unusable_or_obsolete()

    def _tell(self, posted: list[Posted]) -> None:
        for interaction_id in {a.line.interaction_id for a in posted if a.waiting}:
            if self._is_time(interaction_id):
                events.announce(events.interaction_waiting, interaction_id=interaction_id)
        for answer in posted:
            events.announce(
                events.message_posted,
                interaction_id=answer.line.interaction_id,
                message_id=answer.id,
            )

    def _is_time(self, interaction_id: int) -> bool:
        now = time.monotonic()
        if now - self._asked.get(interaction_id, -_ASK_AGAIN_SECONDS) < _ASK_AGAIN_SECONDS:
            return False
        if len(self._asked) > 1000:
            self._asked.clear()
        self._asked[interaction_id] = now
        return True


_slow = _SlowLane()
_after = _Aftermath()


class _Threads:
    """Started with the first line, together."""

    def __init__(self) -> None:
        self._running: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        if self._running:
            return
        with self._lock:
            if not self._running:
                self._running = [
                    threading.Thread(
                        target=_on_own_connection, args=(work,), name=name, daemon=True
                    )
                    for name, work in (
                        ("writer", _write),
                        ("slow-lane", _slow.run),
                        ("aftermath", _after.run),
                    )
                ]
                for thread in self._running:
                    thread.start()

    def stop(self, seconds: float) -> None:
        with self._lock:
            # in this order: the writer still feeds the two others
            inboxes: list[queue.SimpleQueue[Any]] = [_inbox, _slow.inbox, _after.inbox]
            for thread, inbox in zip(self._running, inboxes, strict=False):
                inbox.put(_END)
                thread.join(seconds)
            self._running = []


def _on_own_connection(work: Callable[[], None]) -> None:
    """Beside the web server's pool, which a thread that gives nothing back would empty."""
    settings = copy.deepcopy(connections["default"].settings_dict)
    settings["OPTIONS"].pop("pool", None)
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        work()
    finally:
        connections["default"].close()


_threads = _Threads()
