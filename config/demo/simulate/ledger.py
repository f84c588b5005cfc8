"""What simulated people sent and saw, a JSON line each, written before their next step.

`manage.py demo_check` compares it with the database."""

import os
import time
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

BODY = ("event", "promise", "answered")  # what a message says beside its text, to both sides


def folder() -> Path:
    path: Path = settings.VAR_DIR / "simulate"
    path.mkdir(parents=True, exist_ok=True)
    return path


class Ledger:
    """One process's. A line is with the operating system when `write` returns: it outlives a
    kill -9 of whoever wrote it."""

    def __init__(self, who: str) -> None:
        path = folder() / f"{who}-{time.time_ns()}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, **facts: Any) -> None:
        os.write(self._file, orjson.dumps({"what": what, **facts}) + b"\n")

    def saw(self, i: int, message: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        """A message as a screen shows it; nothing when it looks as it did `before`."""
        facts = _seen(message)
        if before is None or facts != _seen(before):
            self.write("saw", i=i, **facts)


def _seen(message: dict[str, Any]) -> dict[str, Any]:
    shown = {name: message["body"][name] for name in BODY if name in message["body"]}
    return {**{name: message[name] for name in ("id", "kind", "author", "text")}, **shown}
