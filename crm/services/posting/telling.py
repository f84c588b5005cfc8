"""Events told by the statement that makes them, many interactions at once, for both sides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm import events
from crm.models import Message

from .frames import CUSTOMER, STAFF, frame, groups_of

# A part of the caller's statement, which locks the interactions, moves their numbers and names the
# rows `told (interaction_id, body, staff_seq, customer_seq)`; `at` is one of its parameters.
STORE_TOLD = """
INSERT INTO crm_message (
  interaction_id, kind, author, text, body, staff_seq, customer_seq, created_at
)
SELECT interaction_id, 'event', 'system', '', body, staff_seq, customer_seq, %(at)s
FROM told ORDER BY interaction_id
RETURNING id, interaction_id, staff_seq, customer_seq
"""


def told(
    stored: Sequence[int], body: dict[str, Any], holder_id: int | None, at: datetime
) -> list[events.Frame]:
    """What the screens get of a row that STORE_TOLD returned; the other apps hear of it."""
    key, interaction_id, staff_seq, customer_seq = stored
    events.announce(events.message_posted, interaction_id=interaction_id, message_id=key)
    said: dict[str, Any] = {
        "interaction_id": interaction_id,
        "id": key,
        "kind": str(Message.Kind.EVENT),
        "author": str(Message.Author.SYSTEM),
        "agent": None,
        "text": "",
        "body": body,
        "at": at,
        "client_id": None,
    }
    staff = groups_of(interaction_id, holder_id, STAFF)
    customer = groups_of(interaction_id, None, CUSTOMER)
    return [
        (staff, frame(STAFF, seq=staff_seq, **said)),
        (customer, frame(CUSTOMER, seq=customer_seq, **said)),
    ]
