"""Agents as they were at a past moment, or as they are planned for a coming one: the facts of a
"what if", put to the same rules. Queues, skills and languages are those of today."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from crm import clock
from crm.models import AgentState, Shift, WorkSegment

from . import facts as truth
from .rules import Facts, Now

State = AgentState.State
_AROUND_NOW = timedelta(minutes=1)


class Source(StrEnum):
    """What the facts were taken from."""

    NOW = "now"
    LEDGER = "ledger"  # the past: states and work as they were written down
    SHIFTS = "shifts"  # the future: whoever works then, with empty hands
    UNPLANNED = "unplanned"  # the future, and nobody's shifts are known: everybody at work


@dataclass(frozen=True)
class Moment:
    """Everybody at one moment, and the moment as the rules want it."""

    source: Source
    now: Now
    known: dict[int, Facts]


def at_moment(agents: Iterable[int], at: datetime) -> Moment:
    """A fixed number of queries, whatever their number."""
    away = at - clock.now()
    if abs(away) <= _AROUND_NOW:
        return Moment(Source.NOW, truth.now(), truth.of(agents))
    known = truth.of(agents, places_at=at)
    source = _from_ledger(known, at) if away < timedelta() else _from_shifts(known, at)
    return Moment(source, Now(at, at), known)


def _as(facts: Facts, state: str, at: datetime, places: int = 0, whole: int = 0) -> Facts:
    seen = None if state == State.OFFLINE else at
    return replace(facts, state=state, seen_at=seen, places=places, whole=whole, held=False)


def _from_ledger(known: dict[int, Facts], at: datetime) -> Source:
    running = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
    rows = AgentState.objects.filter(running, agent__in=known).order_by("since")
    states = dict(rows.values_list("agent", "state"))
    work = WorkSegment.objects.filter(running, agent__in=known).values_list(
        "agent", "interaction__channel", "interaction"
    )
    hands: dict[int, Counter[str]] = defaultdict(Counter)
    for agent, channel, _interaction in set(work):
        hands[agent][channel] += 1
    for key, facts in known.items():
        places, whole = (
            sum(hands[key][channel] for channel in truth.channels_of(load))
            for load in ("place", "whole")
        )
        known[key] = _as(facts, states.get(key, State.OFFLINE), at, places, whole)
    return Source.LEDGER


def _from_shifts(known: dict[int, Facts], at: datetime) -> Source:
    around = Shift.objects.filter(
        starts_at__lt=at + timedelta(days=1), ends_at__gt=at - timedelta(days=1)
    )
    planned = around.exists()
    on = set(around.filter(starts_at__lte=at, ends_at__gt=at).values_list("agent", flat=True))
    for key, facts in known.items():
        known[key] = _as(facts, State.AVAILABLE if key in on or not planned else State.OFFLINE, at)
    return Source.SHIFTS if planned else Source.UNPLANNED
