"""Who waits, in the order in which they are served: the prepared reads of the lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm import clock, registry
from crm.models import Interaction
from crm.services import prepared
from crm.services.capacity import LAPSED_FOR, Need, channels_of

PUSHED = ("place", "whole")  # mail is background work: agents help themselves

# crm.models.interaction.line_place, as the index has it
_PLACE = "(i.waiting_since AT TIME ZONE 'UTC') - INTERVAL '10 minutes' * (i.priority)"

_COLUMNS = """
i.id, i.channel, left(i.language, 2), i.queue_id, i.reopened > 0, i.wanted_agent_id,
(
  SELECT json_object_agg(p.agent_id, p.lapsed_at) FROM crm_participant p
  WHERE p.interaction_id = i.id AND p.lapsed_at > %(lapsed)s
),
(
  SELECT json_object_agg(r.skill_id, r.level) FROM crm_requirement r WHERE r.queue_id = i.queue_id
)
"""

# the first of each queue's line, then the first of those; what others have locked is theirs
_HEADS = f"""
SELECT w.* FROM unnest(%(queues)s::bigint[]) q(id) CROSS JOIN LATERAL (
  SELECT {_COLUMNS}, {_PLACE} AS place FROM crm_interaction i
  WHERE i.queue_id = q.id AND i.status = 'waiting' AND i.channel = ANY(%(channels)s)
    AND left(i.language, 2) = ANY(%(languages)s)
    AND (i.wanted_until IS NULL OR i.wanted_until <= %(at)s OR i.wanted_agent_id = ANY(%(agents)s))
  ORDER BY {_PLACE}, i.id LIMIT {{limit}}
  FOR NO KEY UPDATE OF i SKIP LOCKED
) w ORDER BY w.place, w.id LIMIT {{limit}}
"""  # noqa: S608 (no part comes from outside)

_THESE = f"""
SELECT {_COLUMNS} FROM crm_interaction i
WHERE i.id = ANY(%(keys)s::bigint[]) AND i.status = 'waiting'
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits, as much of it as routing looks at."""

    key: int
    channel: str
    queue_id: int | None
    wanted_id: int | None
    need: Need


def heads(
    queues: Iterable[int],
    *,
    channels: list[str],
    languages: list[str],
    agents: Iterable[int],
    limit: int,
) -> list[Waiting]:
    """Those to serve next in these queues, locked, for people who may take such ones. What is kept
    for somebody's usual agent shows only to that one."""
    at = clock.now()
    given = {
        "queues": list(queues),
        "channels": channels,
        "languages": languages,
        "at": at,
        "agents": list(agents),
        "lapsed": at - LAPSED_FOR,
    }
    return [_waiting(row) for row in prepared.rows(_HEADS.format(limit=limit), given)]


def one(key: int, *, lock: bool = False) -> Waiting | None:
    """This one, if it waits; with `lock`, if nobody else has it locked."""
    found = these([key], lock=lock)
    return found[0] if found else None


def these(keys: list[int], *, lock: bool = False) -> list[Waiting]:
    """Those of them that wait, in the order given."""
    statement = f"{_THESE} FOR NO KEY UPDATE OF i SKIP LOCKED" if lock else _THESE
    found = prepared.rows(statement, {"keys": keys, "lapsed": clock.now() - LAPSED_FOR})
    rows = {row[0]: _waiting(row) for row in found}
    return [rows[key] for key in keys if key in rows]


def _waiting(row: tuple[Any, ...]) -> Waiting:
    key, channel, language, queue_id, again, wanted, lapsed, skills = row[:8]
    need = Need(
        registry.channel(channel).load,
        language,
        queue_id,
        {int(skill): level for skill, level in (skills or {}).items()},
        {int(agent): datetime.fromisoformat(at) for agent, at in (lapsed or {}).items()},
        wanted if again else None,
    )
    return Waiting(key, channel, queue_id, wanted, need)


def pushed_channels() -> list[str]:
    return channels_of(*PUSHED)


def line(queue_id: int | None) -> Any:
    """Everybody who waits to be handed out from this queue, first in line first."""
    waiting = Interaction.objects.waiting().filter(channel__in=pushed_channels())
    return waiting.filter(queue=queue_id).in_line()
