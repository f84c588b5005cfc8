"""The same kind of event in many interactions at once, for both sides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from crm import events
from crm.models import Message
from crm.services import prepared

from .frames import CUSTOMER, STAFF, frame, groups_of

_TELL = """
WITH given AS MATERIALIZED (
  SELECT * FROM unnest(%(interactions)s::bigint[], %(bodies)s::text[]) AS g(interaction_id, body)
), moved AS (
  UPDATE crm_interaction i SET staff_seq = staff_seq + 1, customer_seq = customer_seq + 1
  FROM given g WHERE i.id = g.interaction_id
  RETURNING i.id, i.staff_seq, i.customer_seq, g.body
)
INSERT INTO crm_message (
  interaction_id, kind, author, text, body, staff_seq, customer_seq, created_at
)
SELECT id, 'event', 'system', '', body::jsonb, staff_seq, customer_seq, %(at)s
FROM moved ORDER BY id
RETURNING id, interaction_id, staff_seq, customer_seq
"""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of an interaction, and who holds it now."""

    interaction_id: int
    body: dict[str, Any]
    holder_id: int | None = None


def tell_many(told: Sequence[Told], at: datetime) -> None:
    """Each interaction once, locked by the caller, in the caller's transaction."""
    given = {
        "interactions": [one.interaction_id for one in told],
        "bodies": [orjson.dumps(one.body).decode() for one in told],
        "at": at,
    }
    by_key = {one.interaction_id: one for one in told}
    stored = prepared.rows(_TELL, given)
    events.push_all([one for row in stored for one in _frames(by_key[row[1]], row, at)])
    for key, interaction_id, *_seqs in stored:
        events.announce(events.message_posted, interaction_id=interaction_id, message_id=key)


def _frames(told: Told, row: tuple[int, int, int, int], at: datetime) -> Iterable[events.Frame]:
    key, interaction_id, staff_seq, customer_seq = row
    said: dict[str, Any] = {
        "interaction_id": interaction_id,
        "id": key,
        "kind": str(Message.Kind.EVENT),
        "author": str(Message.Author.SYSTEM),
        "agent": None,
        "text": "",
        "body": told.body,
        "at": at,
        "client_id": None,
    }
    yield groups_of(interaction_id, told.holder_id, STAFF), frame(STAFF, seq=staff_seq, **said)
    shown = groups_of(interaction_id, None, CUSTOMER)
    yield shown, frame(CUSTOMER, seq=customer_seq, **said)
