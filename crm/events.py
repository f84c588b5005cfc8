"""The only door to the screens, and the named events of the domain. Both speak after commit.

Events are a nudge: what must happen is already a row, and a sweep finds it when the nudge is lost.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from crm import hub

log = logging.getLogger(__name__)

# sent with ids only: interaction_id, and message_id where there is one
interaction_opened = Signal()
interaction_waiting = Signal()      # wants an agent: new, given back, woken or reopened
interaction_closed = Signal()
message_posted = Signal()
place_freed = Signal()              # agent_id: may take one more


def push(group: str, kind: str, **data: Any) -> None:
    """Show a change on the screens of a group, after commit. `data` is what the screen needs.

    Groups: `i:{id}:staff`, `i:{id}:customer`, `agent:{id}`, `queue:{id}`, `desk` (every console),
    `visit:{key}`."""
    frame = {"t": kind, **data}
    transaction.on_commit(lambda: hub.publish([(group, frame)]), robust=True)


def announce(signal: Signal, **ids: int) -> None:
    """Tell the other apps, after commit. One failing listener does not starve the next."""

    def send() -> None:
        for receiver, answer in signal.send_robust(sender=None, **ids):
            if isinstance(answer, Exception):
                log.error("receiver %s failed", receiver, exc_info=answer)

    transaction.on_commit(send)
