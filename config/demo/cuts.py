"""What may be cut from the demo's page: the page leaves word, the supervisor does it."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import redis
from django.conf import settings

WEB, REDIS = "web", "redis"
SECONDS = 5.0
_FIRST_ANSWERED = 2.0  # so that whoever asked still gets their page


def _order(word: str) -> Path:
    return Path(settings.VAR_DIR) / "simulate" / f"cut.{word}"


def ask(word: str) -> None:
    _order(word).parent.mkdir(parents=True, exist_ok=True)
    _order(word).touch()


def due() -> list[str]:
    """What was asked a moment ago; asked for once."""
    found = []
    for word in (WEB, REDIS):
        order = _order(word)
        try:
            if time.time() - order.stat().st_mtime >= _FIRST_ANSWERED:  # the file's clock
                order.unlink()
                found.append(word)
        except OSError:
            continue
    return found


def may_cut_redis() -> bool:
    """Ours only: its guardian starts it again."""
    return settings.REDIS_URL.startswith("unix:")


def kill_redis() -> None:
    """One that is dead already, from the press before, is none to kill."""
    with suppress(redis.RedisError, ProcessLookupError):
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            number = client.info("server")["process_id"]  # type: ignore[index]
        os.kill(int(number), signal.SIGKILL)
