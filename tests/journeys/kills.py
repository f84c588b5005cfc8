"""kill -9 of the running demo's services; their guardian starts them again."""

import os
import signal

from tests.live import LiveDemo, processes_of

REDIS, POSTGRES = "redis-server", "postgres -D"


def redis(live: LiveDemo) -> None:
    _kill(live, REDIS)


def postgres(live: LiveDemo) -> None:
    _kill(live, POSTGRES)


def number_of(live: LiveDemo, words: str) -> int | None:
    """The first of its processes; none while it is away."""
    numbers = [int(line.split()[0]) for line in processes_of(live.var) if words in line]
    return min(numbers, default=None)


def _kill(live: LiveDemo, words: str) -> None:
    number = number_of(live, words)
    assert number, f"no {words} runs for {live.var}"
    os.kill(number, signal.SIGKILL)
