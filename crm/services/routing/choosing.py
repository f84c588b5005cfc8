"""Whom to ask: one index read, whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm.models import Agent, Queue, Standing
from crm.services import capacity, prepared
from crm.services.capacity import Facts, Need

# usual agent apart: first language, level, load, longest idle. The order of the index.
_FREE = """
SELECT s.agent_id FROM crm_standing s JOIN crm_heartbeat h ON h.agent_id = s.agent_id
WHERE s.queue_id = %(queue)s AND s.language = %(language)s AND {free}
  AND h.seen_at >= %(alive)s AND s.agent_id <> ALL(%(but)s)
ORDER BY s.rank, s.level DESC, s.places, s.last_at ASC NULLS FIRST, s.agent_id LIMIT {limit}
"""
_FREE_FOR = {"place": "s.room > 0", "whole": "s.whole = true"}


def free_agents(
    queue_id: int | None, need: Need, *, limit: int = 5, but: Iterable[int] = ()
) -> list[int]:
    """Agents who seem free, the one to ask first in front."""
    if queue_id is None:
        return _of_no_queue(need, limit, set(but))
    statement = _FREE.format(free=_FREE_FOR[need.load], limit=limit)
    given = {
        "queue": queue_id,
        "language": need.language,
        "alive": capacity.now().alive_since,
        "but": list(but),
    }
    return [row[0] for row in prepared.rows(statement, given)]


def _of_no_queue(need: Need, limit: int, but: set[int]) -> list[int]:
    """What belongs to no queue may go to anybody. Rare: everybody is looked at."""
    now = capacity.now()
    known = capacity.of(Agent.objects.exclude(pk__in=but).values_list("pk", flat=True))
    free = [facts for facts in known.values() if capacity.may_take(facts, need, now)]
    return [facts.agent_id for facts in sorted(free, key=lambda f: order(f, need))][:limit]


def order(facts: Facts, need: Need) -> tuple[bool, int, int, int, float, int]:
    """Whom to prefer among those who may, the same order as the index has."""
    return (
        facts.agent_id != need.returns_to,
        facts.rank(need.language),
        -facts.queues.get(need.queue_id or 0, 0),
        facts.places,
        facts.last_at.timestamp() if facts.last_at else 0.0,
        facts.agent_id,
    )


def languages_free(queue_id: int, load: str) -> list[str]:
    """The languages in which somebody of that queue seems free."""
    free = {"room__gt": 0} if load == "place" else {"whole": True}
    rows = Standing.objects.filter(queue=queue_id, **free).order_by()
    return list(rows.values_list("language", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Free:
    """An agent who may take one more, and how many."""

    agent_id: int
    room: int


def confirmed(
    queue: Queue | None, channel: str, language: str, held: Mapping[int, int]
) -> Free | None:
    """Whom routing would ask now, places promised elsewhere left out. No lock is taken."""
    need = capacity.need(channel, language, queue.pk if queue else None)
    tried: set[int] = set()
    while found := free_agents(need.queue_id, need, but=tried):
        known, now = capacity.of(found), capacity.now()
        for key in found:
            room = capacity.room(known[key], need, now)
            if room - held.get(key, 0) > 0:
                return Free(key, room)
        tried.update(found)
    return None
