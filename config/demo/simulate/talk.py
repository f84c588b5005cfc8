"""One exchange in a simulated agent's hands, as its frames tell it."""

import time
from dataclasses import dataclass, field
from typing import Any

from . import talks
from .script import Said

_ENDS, _BEGINS = {"closed", "transferred", "ended", "left"}, {"assigned", "reopened"}
_TITLES = ("Madame ", "Monsieur ", "Ms ", "Mr ")


@dataclass
class Talk:
    key: int
    channel: str
    language: str
    customer: str  # as they are addressed, if that is known
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: float = field(default_factory=time.monotonic)
    writing: bool = False
    passes_on: bool = False  # before it is solved, to a colleague

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Talk":
        """By its row on the desk."""
        named = row["customer"]["addressed"]
        addressed = named if named.startswith(_TITLES) else ""
        return cls(row["i"], row["channel"], row["language"], addressed)

    @property
    def ended(self) -> str:
        """How, if it is over: what was passed on or closed before may be ours since."""
        events = [m["body"].get("event") for _id, m in sorted(self.lines.items())]
        last = next((one for one in reversed(events) if one in _ENDS | _BEGINS), "")
        return last if last in _ENDS else ""

    def said(self) -> list[Said]:
        texts = [m for _id, m in sorted(self.lines.items()) if m["kind"] == "text"]
        return [Said(m["author"] == "customer", m["text"]) for m in texts if not m.get("deleted")]

    @property
    def scripted(self) -> bool:
        """With a simulated customer; whoever is real is not kept waiting."""
        said = self.said()
        return bool(said) and talks.begun_by(said[0].text) is not None
