"""kill -9 of the running demo's services; their guardian starts them again."""

import os
import signal

from tests.live import LiveDemo, processes_of


def redis(live: LiveDemo) -> None:
    _kill(live, "redis-server")


def postgres(live: LiveDemo) -> None:
    _kill(live, "postgres -D")


def _kill(live: LiveDemo, words: str) -> None:
    """The first of its processes."""
    numbers = [int(line.split()[0]) for line in processes_of(live.var) if words in line]
    assert numbers, f"no {words} runs for {live.var}"
    os.kill(min(numbers), signal.SIGKILL)
