"""How many agents and customers the demo carries on this machine, all its processes and the
simulated people together: agents have room for more, so that whoever waits more than 30 seconds
for a first answer waits for the machine. It grows until less than 80 % do not, and says what each
part took."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench._crowd import LAST
from bench._server import cpu
from bench.figure import Figure
from tests.live import BASE_DIR, LiveDemo, processes_of

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
SECONDS = 60 + 120 * SIZE
STEPS = [int(step) for step in os.environ.get("BENCH_AGENTS", "12 25 50 100 200 400").split()]
AT_ONCE = 1.75  # chats an agent has on average
AIM = 80.0
_NAMES = ("agents", "customers")
_LEVEL = """
import json
from datetime import timedelta
from django.db.models import F, Q
from crm import clock
from crm.models import Interaction
now = clock.now()
chats = Interaction.objects.filter(
    channel="chat",
    first_customer_at__gt=now - timedelta(seconds=%d),
    first_customer_at__lt=now - timedelta(seconds=31),
)
prompt = Q(first_answer_at__lte=F("first_customer_at") + timedelta(seconds=30))
print(json.dumps([chats.count(), chats.filter(prompt).count()]))
"""
# whoever goes leaves open chats behind: they would take the places of the next step's customers
_TIDY = """
from crm.models import AgentState, Interaction
from crm.services import interactions, presence
for row in AgentState.objects.filter(until=None).exclude(state="offline"):
    presence.set_state(row.agent, AgentState.State.OFFLINE)
for row in Interaction.objects.open().filter(channel="chat"):
    interactions.close(row, outcome="cancelled")
"""


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bravo-day-", ignore_cleanup_errors=True) as folder:
        var = Path(folder).resolve()
        var.chmod(0o711)
        live = LiveDemo(var, scale="0.01")
        del live.environment["BRAVO_SERVICES_FAST"]  # durable, as in life
        try:
            yield from _grow(live.start())
        finally:
            live.stop()


def _grow(live: LiveDemo) -> Iterator[Figure]:
    carried = 0
    for agents in STEPS:
        customers = round(agents * AT_ONCE)
        chats, prompt, used = _step(live, agents, customers)
        level = 100 * prompt / chats if chats else 0.0
        where = f"{agents} agents, {customers} customers, {chats} chats"
        yield Figure(level, f"% answered within 30 s, {where}", "aim", AIM)
        for part, cores in sorted(used.items(), key=lambda pair: -pair[1]):
            yield Figure(cores, f"cores of {part}, {where}", "cores here", os.cpu_count() or 1)
        if level < AIM:
            break
        carried = agents
    yield Figure(carried, "agents carried", "present on a weekday in the demo's house", 17)


def _step(live: LiveDemo, agents: int, customers: int) -> tuple[int, int, dict[str, float]]:
    start = time.monotonic()
    crowd = [_begin(live, *one) for one in zip(_NAMES, (agents, customers), strict=True)]
    time.sleep(SECONDS - LAST)  # they come one after the other; what is measured is all of them
    before, began = _used(live), time.monotonic()
    time.sleep(LAST)
    after, took = _used(live), time.monotonic() - began
    for one in crowd:
        one.wait(SECONDS)
    said = live.manage("shell", "-v", "0", "-c", _LEVEL % (time.monotonic() - start))
    live.manage("shell", "-v", "0", "-c", _TIDY)
    chats, prompt = json.loads(said)
    return chats, prompt, {part: (after[part] - before.get(part, 0)) / took for part in after}


def _used(live: LiveDemo) -> dict[str, float]:
    """Seconds of processor by part."""
    names = {pid: name for name, pid in live.facts()["children"].items()}
    found: dict[str, float] = {}
    for line in processes_of(live.var):
        number, words = int(line.split()[0]), line
        part = names.get(number) or next(
            (name for name in ("postgres", "redis", "bench._crowd", "celery") if name in words),
            "others",
        )
        try:
            found[part] = found.get(part, 0.0) + cpu(number)
        except OSError:
            continue  # it has just ended
    return found


def _begin(live: LiveDemo, who: str, count: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "bench._crowd", who, str(count), str(SECONDS)],
        cwd=BASE_DIR,
        env=live.environment
        | {
            "BRAVO_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "WARNING",
            "PORTAL_URL": live.url("portal")[:-1],
            "MAIL_LISTEN": str(live.facts()["mail_listen"]),
        },
        stdin=subprocess.DEVNULL,
    )
