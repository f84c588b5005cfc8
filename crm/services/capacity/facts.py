"""From the tables to what the rules look at. Under an agent's lock this is the truth."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings

from crm import clock, registry
from crm.models import AgentState, Interaction, Participant, Queue, Requirement
from crm.services import prepared

from .rules import LAPSED_FOR, Facts, Need, Now

AWAY_AFTER = timedelta(seconds=30)  # real time since the last heartbeat

# OFFSET 0: agent by agent, each by its key, however many the tables hold
_AGENTS = """
SELECT f.* FROM unnest(%(agents)s::bigint[]) asked(id) CROSS JOIN LATERAL (
  SELECT a.id, u.is_active, h.seen_at, coalesce(s.state, 'offline'), a.languages::text,
    coalesce((
      SELECT p.chat_places FROM crm_placestep p
      WHERE p.agent_id = a.id AND p.from_day <= %(today)s ORDER BY p.from_day DESC LIMIT 1
    ), a.chat_places),
    held.places, held.whole,
    (
      SELECT json_agg(json_build_array(k.queue_id, k.level, q.mode))
      FROM crm_agentskill k JOIN crm_queue q ON q.id = k.queue_id WHERE k.agent_id = a.id
    ),
    (SELECT json_object_agg(y.skill_id, y.level) FROM crm_ability y WHERE y.agent_id = a.id),
    (SELECT max(last_at) FROM crm_standing f WHERE f.agent_id = a.id),
    a.display_name,
    EXISTS (
      SELECT FROM crm_heldforcall c JOIN crm_interaction i ON i.id = c.interaction_id
      WHERE c.agent_id = a.id AND i.status = 'waiting'
    )
  FROM crm_agent a
  JOIN crm_user u ON u.id = a.user_id
  LEFT JOIN crm_heartbeat h ON h.agent_id = a.id
  LEFT JOIN crm_agentstate s ON s.agent_id = a.id AND s.until IS NULL
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE i.channel = ANY(%(place)s)) + (
        SELECT count(*) FROM crm_participant p
        WHERE p.agent_id = a.id AND p.role = 'assist' AND p.left_at IS NULL
      ) AS places,
      count(*) FILTER (WHERE i.channel = ANY(%(whole)s)) AS whole
    FROM crm_interaction i WHERE i.agent_id = a.id AND i.status = 'active'
  ) held
  WHERE a.id = asked.id OFFSET 0
) f
"""


def channels_of(*loads: str) -> list[str]:
    return [channel.name for channel in registry.channels() if channel.load in loads]


def now() -> Now:
    return Now(clock.now(), clock.wall() - AWAY_AFTER)


def of(agents: Iterable[int], *, places_at: datetime | None = None) -> dict[int, Facts]:
    """By agent. One query, whatever they hold and however long the history. `places_at`: with as
    many places as they have on that day."""
    given = {
        "agents": list(agents),
        "today": (places_at or clock.now()).astimezone(_zone(settings.TIME_ZONE)).date(),
        "place": channels_of("place"),
        "whole": channels_of("whole"),
    }
    return {row[0]: _facts(row) for row in prepared.rows(_AGENTS, given)}


@lru_cache(maxsize=4)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _facts(row: tuple[Any, ...]) -> Facts:
    key, active, seen, state, languages, limit, places, whole = row[:8]
    queues, abilities, last, name, call = row[8:]
    queues = queues or []
    return Facts(
        key, active, seen, AgentState.State(state), orjson.loads(languages), limit, places, whole,
        {queue: level for queue, level, _mode in queues},
        {int(skill): level for skill, level in (abilities or {}).items()},
        last, name,
        frozenset(queue for queue, _level, mode in queues if mode == Queue.Mode.PULL),
        call,
    )  # fmt: skip


def need_of(interaction: Interaction) -> Need:
    """What this one asks for. Two queries."""
    since = clock.now() - LAPSED_FOR
    lapsed = Participant.objects.filter(interaction=interaction, lapsed_at__gte=since)
    return need(
        interaction.channel,
        interaction.language,
        interaction.queue_id,
        lapsed=dict(lapsed.values_list("agent_id", "lapsed_at")),
        returns_to=interaction.wanted_agent_id if interaction.reopened else None,
    )


def need(
    channel: str,
    language: str,
    queue_id: int | None,
    *,
    lapsed: Mapping[int, Any] | None = None,
    returns_to: int | None = None,
) -> Need:
    required = Requirement.objects.filter(queue=queue_id) if queue_id else None
    return Need(
        registry.channel(channel).load,
        language[:2],
        queue_id,
        dict(required.values_list("skill_id", "level")) if required is not None else {},
        lapsed or {},
        returns_to,
    )
