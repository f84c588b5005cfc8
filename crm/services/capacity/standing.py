"""Keeping at hand how free everybody is. A hint: whoever is chosen by it is asked again."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from crm.models import Agent, Requirement, Standing
from crm.services import prepared

from . import facts as truth
from .rules import Facts, Need, Now, room

_LOCK = "SELECT id FROM crm_agent WHERE id = ANY(%(agents)s) ORDER BY id FOR NO KEY UPDATE"

_WRITE = """
UPDATE crm_standing s SET room = g.room, whole = g.whole, places = g.places,
  last_at = coalesce(g.last_at, s.last_at)
FROM unnest(
  %(agents)s::bigint[], %(rooms)s::int[], %(wholes)s::bool[], %(places)s::int[],
  %(lasts)s::timestamptz[]
) AS g(agent_id, room, whole, places, last_at)
WHERE s.agent_id = g.agent_id AND (s.room, s.whole, s.places, s.last_at)
  IS DISTINCT FROM (g.room, g.whole, g.places, coalesce(g.last_at, s.last_at))
"""


@transaction.atomic
def recount(agents: Iterable[int]) -> dict[int, Facts]:
    """Look at the truth again, under the agents' locks. Call it when a place was taken or freed."""
    keys = sorted(set(agents))
    lock(keys)
    known = truth.of(keys)
    write(known.values(), truth.now())
    return known


def lock(agents: Iterable[int]) -> None:
    """Agents by key, before any interaction. Rows that merely point at them are not held up."""
    prepared.rows(_LOCK, {"agents": sorted(agents)})


def write(known: Iterable[Facts], now: Now) -> None:
    """Store how free these are now. One statement; call it under their locks."""
    known = list(known)
    if not known:
        return
    given: dict[str, list[object]] = {
        "agents": [facts.agent_id for facts in known],
        "rooms": [room(facts, _any("place", facts), now) for facts in known],
        "wholes": [room(facts, _any("whole", facts), now) > 0 for facts in known],
        "places": [facts.places for facts in known],
        "lasts": [facts.last_at for facts in known],
    }
    prepared.rows(_WRITE, given)


def _any(load: str, facts: Facts) -> Need:
    """Language, queue and skills are settled by which rows exist."""
    return Need(load, (facts.languages or [""])[0])


@transaction.atomic
def rebuild(agents: Iterable[int] | None = None) -> int:
    """Make the rows that should exist, for these agents or all, and count again: after a change of
    queues, teams, languages or skills; and as a sweep. Returns how many rows came or went."""
    keys = sorted(Agent.objects.values_list("pk", flat=True) if agents is None else set(agents))
    lock(keys)
    known = truth.of(keys)
    wanted = _wanted(known.values())
    stored = {
        (row.agent_id, row.queue_id, row.language): row
        for row in Standing.objects.filter(agent__in=keys)
    }
    made = [Standing(agent_id=a, queue_id=q, language=c) for a, q, c in wanted.keys() - stored]
    kept = [stored[key] for key in wanted.keys() & stored.keys()]
    moved = []
    for row in [*made, *kept]:
        rank, level = wanted[row.agent_id, row.queue_id, row.language]
        if (row.rank, row.level) != (rank, level):
            row.rank, row.level = rank, level
            moved.append(row)
    Standing.objects.bulk_create(made)
    Standing.objects.bulk_update([row for row in moved if row in kept], ["rank", "level"])
    gone = [stored[key].pk for key in stored.keys() - wanted]
    Standing.objects.filter(pk__in=gone).delete()
    write(known.values(), truth.now())
    return len(made) + len(gone)


def _wanted(known: Iterable[Facts]) -> dict[tuple[int, int, str], tuple[int, int]]:
    """(agent, queue, language) → (rank, level), for queues whose required skills they have."""
    required: dict[int, dict[int, int]] = defaultdict(dict)
    for queue, skill, level in Requirement.objects.values_list("queue_id", "skill_id", "level"):
        required[queue][skill] = level
    return {
        (facts.agent_id, queue, language): (facts.rank(language), level)
        for facts in known
        for queue, level in facts.queues.items()
        for language in facts.languages
        if all(facts.abilities.get(s, 0) >= needed for s, needed in required[queue].items())
    }
