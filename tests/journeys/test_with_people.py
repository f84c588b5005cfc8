"""A minute with simulated people and one kill: what they sent and saw is in the database, to the
last line. With BRAVO_PROVE=1 a quarter of an hour, and every process dies in turn."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.journeys.kills import postgres, redis
from tests.live import BASE_DIR, LiveDemo

PROVE = bool(os.environ.get("BRAVO_PROVE"))
SECONDS = 900 if PROVE else 60
# in a minute people live six, on a Sunday with more of them than usual
HASTE, TRAFFIC = (1, 10) if PROVE else (6, 4)
CHILDREN = ["web", "live", "slow", "beat", "listen_mail"] if PROVE else ["web"]
DEATHS: list[Callable[[LiveDemo], object]] = [
    *(partial(LiveDemo.kill, child=child) for child in CHILDREN),
    *([redis, postgres] if PROVE else []),
]
# whoever still waits would be the next journey's
END = """
from django.db.models import Q
from config.demo import marks
from crm.models import Interaction
from crm.services import interactions
theirs = Q(visit__referrer__startswith=marks.REFERRER)
theirs |= Q(customer__identities__value__endswith=marks.DOMAIN)
for row in Interaction.objects.open().filter(theirs).distinct():
    interactions.close(row, outcome="cancelled")
"""


def test_nothing_of_what_people_sent_or_saw_is_lost(live: LiveDemo) -> None:
    words = ["--seconds", str(SECONDS), "--haste", str(HASTE), "--traffic", str(TRAFFIC)]
    people = [_begin(live, who, *words) for who in ("agents", "customers")]
    try:
        for die in DEATHS:
            time.sleep(SECONDS / (len(DEATHS) + 2))  # they work meanwhile
            die(live)
        for one in people:
            assert one.wait(SECONDS + 60) == 0
    finally:
        for one in people:
            one.kill()
            one.wait()
    live.wait_answer()
    try:
        said = live.manage("demo_check", "--wait", "60")
    except subprocess.CalledProcessError as differs:
        pytest.fail(differs.stdout)
    finally:
        live.manage("shell", "-v", "0", "-c", END)
    stored, seen = (int(said.split(f"{what} ")[1].split(",")[0]) for what in ("ack", "saw"))
    assert min(stored, seen) > 0, said


def _begin(live: LiveDemo, who: str, *words: str) -> "subprocess.Popen[bytes]":
    mail = str(live.facts()["mail_listen"])
    with (live.var / f"{who}.out").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "simulate", who, *words],
            cwd=BASE_DIR,
            env=live.environment
            | {"BRAVO_DEMO": "1", "PORTAL_URL": live.url("portal")[:-1], "MAIL_LISTEN": mail},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
