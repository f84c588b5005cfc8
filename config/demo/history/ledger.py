"""Agents' days out of their work: every second of a shift is in exactly one state."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

from django.db.models import Min

from crm.models import AgentState

from .tables import Table
from .volumes import PARIS

State = AgentState.State
HEALTHY = 0.82  # occupancy: (work + wrap-up) / (work + wrap-up + available)
Stretch = tuple[datetime, datetime, str]  # from, to, "work" or "wrap_up"


class Ledger:
    """Collects who worked when, and writes the states that follow from it."""

    def __init__(self, states: Table) -> None:
        self.states = states
        self.work: dict[tuple[int, date], list[Stretch]] = defaultdict(list)

    def add(self, agent_id: int, start: datetime, end: datetime, kind: str) -> None:
        if end > start:
            # a night shift belongs to the day on which it began
            day = (start.astimezone(PARIS) - timedelta(hours=6)).date()
            self.work[agent_id, day].append((start, end, kind))

    def write(self) -> None:
        """One row per state, day after day, offline between the shifts and up to what the ledger
        holds already: a later chunk, or the live demo."""
        last: dict[int, datetime] = {}
        known = dict(AgentState.objects.values_list("agent_id").annotate(Min("since")))
        for (agent_id, day), stretches in sorted(self.work.items()):
            rng = Random(f"states {agent_id} {day}")  # noqa: S311
            rows = _before(_merge(stretches), known.get(agent_id))
            if agent_id in last:
                rows = [(max(s, last[agent_id]), e, k) for s, e, k in rows if e > last[agent_id]]
            if not rows:
                continue
            begin = rows[0][0] - timedelta(seconds=60 + rng.random() * 400)
            begin = max(begin, last.get(agent_id, begin))
            if agent_id in last:
                self._row(agent_id, State.OFFLINE, last[agent_id], begin)
            last[agent_id] = self._day(rng, agent_id, begin, rows)
        for agent_id, since in last.items():
            self._row(agent_id, State.OFFLINE, since, known.get(agent_id))

    def _row(self, agent_id: int, state: str, since: datetime, until: datetime | None) -> None:
        if until is None or until > since:
            self.states.add(agent_id=agent_id, state=state, since=since, until=until)

    def _day(self, rng: Random, agent_id: int, begin: datetime, rows: list[Stretch]) -> datetime:
        """Work as it was; of each gap, the end is waiting for the next one, the rest is not."""
        gaps = [begin, *(end for _start, end, _kind in rows[:-1])]
        lengths = [(row[0] - gap).total_seconds() for gap, row in zip(gaps, rows, strict=True)]
        busy = sum((end - start).total_seconds() for start, end, _kind in rows)
        share = min(0.88, max(0.76, rng.gauss(HEALTHY, 0.025)))
        cap = _cap(lengths, busy * (1 - share) / share)
        for gap, length, (start, end, kind) in zip(gaps, lengths, rows, strict=True):
            seated = start - timedelta(seconds=min(length, cap))
            if seated > gap:
                self._row(agent_id, _aside(rng, gap, seated), gap, seated)
            self._row(agent_id, State.AVAILABLE, seated, start)
            self._row(agent_id, State.WORKING if kind == "work" else State.WRAP_UP, start, end)
        return rows[-1][1]


def _before(rows: list[Stretch], limit: datetime | None) -> list[Stretch]:
    if limit is None:
        return rows
    return [(start, min(end, limit), kind) for start, end, kind in rows if start < limit]


def _cap(lengths: list[float], wanted: float) -> float:
    """The cap at which the capped lengths add up to `wanted` seconds (bisection)."""
    low, high = 0.0, max([*lengths, 1.0])
    for _round in range(40):
        middle = (low + high) / 2
        if sum(min(length, middle) for length in lengths) < wanted:
            low = middle
        else:
            high = middle
    return high


def _aside(rng: Random, since: datetime, until: datetime) -> str:
    """What people do when they do not wait for the next one."""
    minutes = (until - since).total_seconds() / 60
    local = since.astimezone(PARIS).time()
    if minutes >= 35 and time(11, 30) <= local <= time(14, 30):
        return State.BREAK
    if minutes < 20:
        return State.BREAK
    return rng.choice([State.MEETING, State.TRAINING, State.OTHER, State.OTHER])


def _merge(stretches: list[Stretch]) -> list[Stretch]:
    """Union of overlapping work; wrap-up only where no work runs."""
    marks = sorted({moment for start, end, _kind in stretches for moment in (start, end)})
    begins = sorted(stretches)
    found: list[Stretch] = []
    index, running = 0, []
    for left, right in zip(marks, marks[1:], strict=False):
        while index < len(begins) and begins[index][0] <= left:
            running.append(begins[index])
            index += 1
        running = [s for s in running if s[1] > left]
        if not running:
            continue
        kind = "work" if any(s[2] == "work" for s in running) else "wrap_up"
        if found and found[-1][1] == left and found[-1][2] == kind:
            found[-1] = (found[-1][0], right, kind)
        else:
            found.append((left, right, kind))
    return found
