"""The only door to the screens, and the named events of the domain. Both speak after commit.

Events are a nudge: what must happen is already a row, and a sweep finds it when the nudge is lost.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from crm import hub

log = logging.getLogger(__name__)

# sent with ids only: interaction_id, and message_id where there is one
interactions_opened = Signal()  # interaction_ids: one, or those of a batch
interaction_waiting = Signal()  # wants an agent: new, given back, woken or reopened
interaction_resumed = Signal()  # its silent customer is back with its agent
many_waiting = Signal()  # without ids: a batch came in, ask who waits
interaction_closed = Signal()
message_posted = Signal()
place_freed = Signal()  # agent_id: may take one more
break_over = Signal()  # agent_id: somebody in line for a break may go

Frame = hub.Frame  # (group or groups, frame)
_Made = tuple[tuple[str, ...], dict[str, Any]]


class _Outgoing(threading.local):
    """The frames of the commit whose hooks are running in this thread."""

    def __init__(self) -> None:
        self.frames: list[_Made] = []


_outgoing = _Outgoing()


def push(group: str, kind: str, **data: Any) -> None:
    """Show a change on the screens of a group, after commit. `data` is what the screen needs.

    Groups: `i:{id}:staff`, `i:{id}:customer`, `agent:{id}`, `queue:{id}`, `desk` (every console),
    `visit:{key}`. All frames of one commit leave together, in order, as one broker message; the
    same frame for several groups reaches a screen that is in two of them once."""
    push_all([(group, {"t": kind, **data})])


def push_all(frames: Sequence[Frame]) -> None:
    """Ready frames, each for one group or several, after commit."""
    made: list[_Made] = [
        ((groups,) if isinstance(groups, str) else tuple(groups), frame) for groups, frame in frames
    ]
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        _outgoing.frames += made
        _flush()
        return
    transaction.on_commit(lambda: _outgoing.frames.extend(made), robust=True)
    # The last hook of the commit publishes. It belongs to no savepoint: a rollback to one drops
    # that savepoint's frames only.
    hooks = connection.run_on_commit
    for _savepoints, hook, _robust in reversed(hooks):
        if isinstance(hook, _Flush):
            hook.superseded = True
            break
    hooks.append((set(), _Flush(), True))


class _Flush:
    superseded = False

    def __call__(self) -> None:
        if not self.superseded:
            _flush()


def _flush() -> None:
    frames, _outgoing.frames = _outgoing.frames, []
    if frames:
        hub.publish(_merged(frames))


def _merged(frames: list[_Made]) -> list[_Made]:
    """Equal neighbours become one frame for all their groups."""
    merged: list[_Made] = []
    for groups, frame in frames:
        if merged and merged[-1][1] == frame:
            merged[-1] = (tuple(dict.fromkeys(merged[-1][0] + groups)), frame)
        else:
            merged.append((groups, frame))
    return merged


def announce(signal: Signal, **ids: int | Sequence[int]) -> None:
    """Tell the other apps, after commit. One failing listener does not starve the next."""
    if not signal.has_listeners():
        return

    def send() -> None:
        _flush()  # what a listener changes comes after what it heard of
        for receiver, answer in signal.send_robust(sender=None, **ids):
            if isinstance(answer, Exception):
                log.error("receiver %s failed", receiver, exc_info=answer)

    transaction.on_commit(send)
