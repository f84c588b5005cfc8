"""The demo's simulated people beside a journey: brought by it, and gone with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live import BASE_DIR, LiveDemo

WHO = ("agents", "customers")
# whoever still waits would be the next journey's
_END = """
from django.db.models import Q
from config.demo import links, marks
from crm.models import Agent, AgentState, Interaction
from crm.services import interactions, presence
theirs = Q(visit__referrer__startswith=marks.REFERRER)
theirs |= Q(customer__identities__value__endswith=marks.DOMAIN)
for row in Interaction.objects.open().filter(theirs).distinct():
    interactions.close(row, outcome="cancelled")
for agent in Agent.objects.filter(user__email__in=links.SIMULATED.values()):
    presence.set_state(agent, AgentState.State.OFFLINE)
"""


@contextmanager
def people(live: LiveDemo, *words: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Agents and customers, until the end of the block or of their own `--seconds`."""
    there = [_begin(live, who, *words) for who in WHO]
    try:
        yield there
    finally:
        for one in there:
            one.kill()
            one.wait()
        live.wait_answer()
        live.manage("shell", "-v", "0", "-c", _END)
        # what was closed here differs from what they saw: the next ones compare their own
        for path in (live.var / "simulate").glob("*.jsonl"):
            path.unlink()


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
