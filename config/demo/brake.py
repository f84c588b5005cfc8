"""The hand on the brake of the simulated people: how many come, and whether they go on. Kept as a
file beside the data; they read it at /demo/brake/."""

import json
import math
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings

MOST = 10.0
_STEPS = (0.5, 1.0, 2.0, 5.0, MOST)
WORDS = ("pause", "go", "slower", "faster")


@dataclass(frozen=True)
class Brake:
    """`traffic` 1 is today's rhythm of 600 exchanges a day."""

    traffic: float
    paused: bool = False
    mondays: int = 0  # how often somebody sent a Monday morning


def _file() -> Path:
    return Path(settings.VAR_DIR) / "simulate" / "brake.json"


def read() -> Brake:
    try:
        return Brake(**json.loads(_file().read_text()))
    except (OSError, ValueError, TypeError):
        return Brake(at_start())


def at_start() -> float:
    """DEMO_TRAFFIC, 0 to 10."""
    try:
        wanted = float(os.environ.get("DEMO_TRAFFIC", "1"))
    except ValueError:
        return 1.0
    return min(MOST, max(0.0, wanted)) if math.isfinite(wanted) else 1.0


def change(word: str) -> Brake:
    """Raises KeyError for a word that is none of WORDS."""
    now = read()
    slower = [step for step in _STEPS if step < now.traffic]
    faster = [step for step in _STEPS if step > now.traffic]
    new = {
        "pause": replace(now, paused=True),
        "go": replace(now, paused=False),
        "slower": replace(now, traffic=slower[-1] if slower else 0.0),
        "faster": replace(now, traffic=faster[0] if faster else MOST, paused=False),
    }[word]
    return _keep(new)


def monday() -> Brake:
    """Many at once to the box queue."""
    now = read()
    return _keep(replace(now, mondays=now.mondays + 1, paused=False))


def _keep(new: Brake) -> Brake:
    _file().parent.mkdir(parents=True, exist_ok=True)
    draft = _file().with_name(f".{secrets.token_hex(4)}")
    draft.write_text(json.dumps(asdict(new)))
    draft.replace(_file())
    return new


def reset() -> None:
    """A new start begins with DEMO_TRAFFIC."""
    _file().unlink(missing_ok=True)
