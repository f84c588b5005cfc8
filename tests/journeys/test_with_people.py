"""A minute with simulated people and one kill: what they sent and saw is in the database, to the
last line. With BRAVO_PROVE=1 a quarter of an hour, and every process dies in turn."""

import os
import subprocess
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.journeys import simulated
from tests.journeys.kills import postgres, redis
from tests.live import LiveDemo

PROVE = bool(os.environ.get("BRAVO_PROVE"))
SECONDS = 900 if PROVE else 60
# in a minute people live six, on a Sunday with more of them than usual
HASTE, TRAFFIC = (1, 10) if PROVE else (6, 4)
CHILDREN = ["web", "live", "slow", "beat", "listen_mail"] if PROVE else ["web"]
DEATHS: list[Callable[[LiveDemo], object]] = [
    *(partial(LiveDemo.kill, child=child) for child in CHILDREN),
    *([redis, postgres] if PROVE else []),
]


def test_nothing_of_what_people_sent_or_saw_is_lost(live: LiveDemo) -> None:
    words = ["--seconds", str(SECONDS), "--haste", str(HASTE), "--traffic", str(TRAFFIC)]
    with simulated.people(live, *words) as people:
        for die in DEATHS:
            time.sleep(SECONDS / (len(DEATHS) + 2))  # they work meanwhile
            die(live)
        for one in people:
            assert one.wait(SECONDS + 60) == 0
        live.wait_answer()
        try:
            said = live.manage("demo_check", "--wait", "60")
        except subprocess.CalledProcessError as differs:
            pytest.fail(differs.stdout)
    stored, seen = (int(said.split(f"{what} ")[1].split(",")[0]) for what in ("ack", "saw"))
    assert min(stored, seen) > 0, said
