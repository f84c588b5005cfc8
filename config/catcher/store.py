"""Caught mails as files in VAR_DIR/catcher: the bytes, and beside them what a list shows."""

import json
import os
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from tickets.mail.parse import parse

KEPT = 500
_KEY = re.compile(r"^\d{19}-[0-9a-f]{6}$")


@dataclass(frozen=True, slots=True)
class Caught:
    key: str
    at: str  # ISO, what the Date line says
    sender: str
    sender_name: str
    recipients: list[str]
    subject: str
    start: str  # first words
    message_id: str


def folder() -> Path:
    path = settings.VAR_DIR / "catcher"
    path.mkdir(parents=True, exist_ok=True)
    return path


def keep(raw: bytes, recipients: list[str]) -> Caught:
    """Safe on disk when this returns; the oldest leave when there are too many."""
    key = f"{time.time_ns():019d}-{os.urandom(3).hex()}"
    mail = parse(raw)
    caught = Caught(
        key,
        mail.date.isoformat() if mail.date else "",
        mail.from_email,
        mail.from_name,
        recipients,
        mail.subject,
        " ".join(mail.text.split())[:160],
        mail.message_id,
    )
    home = folder()
    (home / f"{key}.eml").write_bytes(raw)
    waiting = home / f".{key}.json"
    waiting.write_text(json.dumps(asdict(caught), ensure_ascii=False), encoding="utf-8")
    waiting.rename(home / f"{key}.json")
    for old in sorted(home.glob("[0-9]*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".eml").unlink(missing_ok=True)
    return caught


def newest(search: str = "", limit: int = 200) -> list[Caught]:
    """Newest first; `search` is part of an address or of a subject."""
    wanted = search.strip().casefold()
    found: list[Caught] = []
    for path in sorted(folder().glob("[0-9]*.json"), reverse=True):
        caught = _load(path)
        if caught and (not wanted or wanted in _searched(caught)):
            found.append(caught)
            if len(found) >= limit:
                break
    return found


def _searched(caught: Caught) -> str:
    return " ".join([*caught.recipients, caught.sender, caught.subject]).casefold()


def get(key: str) -> tuple[Caught, bytes] | None:
    if not _KEY.match(key):
        return None
    path = folder() / f"{key}.json"
    caught = _load(path)
    try:
        return (caught, path.with_suffix(".eml").read_bytes()) if caught else None
    except OSError:
        return None


def _load(path: Path) -> Caught | None:
    try:
        return Caught(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # just being removed
