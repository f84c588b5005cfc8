"""A line of a live channel, and what became of it."""

from dataclasses import dataclass

from crm.models import Message

from . import texts
from .frames import STAFF


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said on a socket. Its `client_id` is what makes a resent one the same one."""

    interaction_id: int
    author: str
    text: str
    client_id: str
    kind: str = Message.Kind.TEXT
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """Stored, now or before (`repeated`), under these numbers."""

    line: Line
    id: int
    staff_seq: int
    customer_seq: int | None
    waiting: bool = False  # nobody has the interaction yet
    repeated: bool = False

    def seq(self, audience: str) -> int | None:
        return self.staff_seq if audience == STAFF else self.customer_seq


@dataclass(frozen=True, slots=True)
class Refused:
    """Not stored, and why: a code of docs/protocol.md."""

    line: Line
    code: str


Answer = Posted | Refused


def fault(line: Line) -> str:
    if (
        not line.client_id
        or len(line.client_id) > 64
        or texts.clean(line.client_id) != line.client_id
    ):
        return "malformed"
    if len(line.text) > texts.MAX_LENGTH:
        return "too_large"
    return "" if texts.clean(line.text).strip() else "malformed"
