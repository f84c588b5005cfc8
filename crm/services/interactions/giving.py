"""Into an agent's hands: many at once in two statements, one by the same way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from crm import events, registry
from crm.services import posting, prepared

# The caller has locked the agents and the interactions and seen that they wait or are set aside:
# this is `Interaction.move_to(ACTIVE)`, its participant, its work and its agent's state.
_GIVE = f"""
WITH given AS MATERIALIZED (
  SELECT * FROM unnest(
    %(interactions)s::bigint[], %(agents)s::bigint[], %(works)s::bool[], %(bodies)s::text[]
  ) AS g(interaction_id, agent_id, works, body)
), told AS (
  UPDATE crm_interaction i SET status = 'active', agent_id = g.agent_id,
    assigned_at = coalesce(i.assigned_at, %(at)s), held_since = %(at)s,
    waiting_since = NULL, wake_at = NULL, wake_closes = false, wanted_until = NULL,
    staff_seq = i.staff_seq + 1, customer_seq = i.customer_seq + 1
  FROM given g WHERE i.id = g.interaction_id
  RETURNING i.id AS interaction_id, g.body::jsonb, i.staff_seq, i.customer_seq
), stored AS (
  {posting.STORE_TOLD}
), joined AS (
  INSERT INTO crm_participant (
    interaction_id, role, agent_id, address, delivered_seq, read_seq, joined_at
  )
  SELECT interaction_id, 'agent', agent_id, '', 0, 0, %(at)s FROM given
  ON CONFLICT (interaction_id, agent_id) WHERE agent_id IS NOT NULL
  DO UPDATE SET role = 'agent', left_at = NULL
), worked AS (
  INSERT INTO crm_worksegment (agent_id, interaction_id, kind, since)
  SELECT agent_id, interaction_id, 'write', %(at)s FROM given WHERE works
  ON CONFLICT DO NOTHING
), explained AS (
  DELETE FROM crm_unassigned WHERE interaction_id IN (SELECT interaction_id FROM given)
), was AS (
  UPDATE crm_agentstate SET until = greatest(since, %(at)s)
  WHERE until IS NULL AND state IN ('available', 'wrap_up')
    AND agent_id IN (SELECT agent_id FROM given WHERE works)
  RETURNING agent_id, until
), became AS (
  INSERT INTO crm_agentstate (agent_id, state, reason, since)
  SELECT agent_id, 'working', '', until FROM was RETURNING agent_id, since
)
SELECT s.*, b.since FROM stored s JOIN given g USING (interaction_id)
LEFT JOIN became b USING (agent_id)
"""  # noqa: S608 (no part comes from outside)


@dataclass(frozen=True, slots=True)
class Gift:
    """One interaction for one agent, as much as the screens need of both."""

    interaction_id: int
    channel: str
    queue_id: int | None
    agent_id: int
    agent_name: str

    @property
    def body(self) -> dict[str, str]:
        return {"event": "assigned", "agent": self.agent_name}


def give(gifts: Sequence[Gift], at: datetime) -> None:
    """Assign all of them, say so in each, show it. Whoever calls holds the locks, agents first,
    and has asked `capacity`; how free the agents are now is theirs to write too."""
    if not gifts:
        return
    given = {
        "interactions": [gift.interaction_id for gift in gifts],
        "agents": [gift.agent_id for gift in gifts],
        "works": [registry.channel(gift.channel).load == "place" for gift in gifts],
        "bodies": [orjson.dumps(gift.body).decode() for gift in gifts],
        "at": at,
    }
    by_key = {gift.interaction_id: gift for gift in gifts}
    working: dict[int, datetime] = {}  # who was free until now
    frames: list[events.Frame] = []
    for *stored, since in prepared.rows(_GIVE, given):
        gift = by_key[stored[1]]
        if since:
            working[gift.agent_id] = since
        frames += posting.told(stored, gift.body, gift.agent_id, at)
        frames += _frames(gift)
    events.push_all([*_states(working), *frames])


def _states(working: Mapping[int, datetime]) -> Iterable[events.Frame]:
    for agent_id, since in working.items():
        state = {"id": agent_id, "state": "working", "reason": "", "since": since.isoformat()}
        yield "desk", {"t": "agent", **state}


def _frames(gift: Gift) -> Iterable[events.Frame]:
    key, own = gift.interaction_id, f"agent:{gift.agent_id}"
    lists = [f"i:{key}:staff", own]
    if gift.queue_id:
        lists.append(f"queue:{gift.queue_id}")
    yield tuple(lists), {"t": "interaction", "i": key, "status": "active"}
    yield own, {"t": "assigned", "i": key}
