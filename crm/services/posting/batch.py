"""The lines of live channels: many in one statement."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError

from crm import clock, events, registry
from crm.models import Status
from crm.services import prepared

from . import texts
from .alone import post_slowly
from .frames import CUSTOMER, STAFF, frame, groups_of
from .lines import Answer, Line, Posted, Refused, fault

log = logging.getLogger(__name__)


# Takes the interactions in the order of their keys, those that somebody else has locked left out;
# leaves out what is stored already; numbers the rest per interaction in the order given; inserts;
# moves the interactions' numbers and times. All or nothing, one round trip.
_STATEMENT = """
WITH given AS MATERIALIZED (
  SELECT * FROM unnest(
    %(interactions)s::bigint[], %(authors)s::text[], %(agents)s::bigint[], %(kinds)s::text[],
    %(texts)s::text[], %(client_ids)s::text[]
  ) WITH ORDINALITY AS g(interaction_id, author, agent_id, kind, text, client_id, n)
), taken AS MATERIALIZED (
  SELECT id, status, agent_id AS holder_id, staff_seq, customer_seq, first_customer_at
  FROM crm_interaction
  WHERE id IN (SELECT interaction_id FROM given)
    AND status IN ('waiting', 'active') AND channel = ANY(%(channels)s)
  ORDER BY id FOR UPDATE SKIP LOCKED
), known AS MATERIALIZED (
  SELECT g.n, m.id, m.staff_seq, m.customer_seq
  FROM given g JOIN crm_message m
    ON m.interaction_id = g.interaction_id AND m.client_id = g.client_id
), fresh AS MATERIALIZED (
  SELECT g.*, t.status, t.holder_id,
    t.staff_seq + row_number() OVER line AS staff_seq,
    CASE WHEN g.kind = 'note' THEN NULL
      ELSE t.customer_seq + count(*) FILTER (WHERE g.kind <> 'note') OVER line
    END AS customer_seq,
    g.author = 'customer' AND g.kind = 'text' AS asks,
    g.author = 'agent' AND g.kind = 'text' AS answers,
    t.first_customer_at IS NOT NULL
      OR count(*) FILTER (WHERE g.author = 'customer' AND g.kind = 'text') OVER line > 0 AS asked
  FROM given g JOIN taken t ON t.id = g.interaction_id
  WHERE NOT EXISTS (SELECT FROM known k WHERE k.n = g.n)
  WINDOW line AS (PARTITION BY g.interaction_id ORDER BY g.n ROWS UNBOUNDED PRECEDING)
), moved AS (
  UPDATE crm_interaction i SET
    staff_seq = f.staff_seq,
    customer_seq = coalesce(f.customer_seq, i.customer_seq),
    first_customer_at = CASE WHEN f.asks
      THEN coalesce(i.first_customer_at, %(at)s) ELSE i.first_customer_at END,
    last_customer_at = CASE WHEN f.asks THEN %(at)s ELSE i.last_customer_at END,
    first_answer_at = CASE WHEN f.answers_them
      THEN coalesce(i.first_answer_at, %(at)s) ELSE i.first_answer_at END,
    last_agent_at = CASE WHEN f.answers THEN %(at)s ELSE i.last_agent_at END
  FROM (
    SELECT interaction_id, max(staff_seq) AS staff_seq, max(customer_seq) AS customer_seq,
      bool_or(asks) AS asks, bool_or(answers) AS answers,
      bool_or(answers AND asked) AS answers_them
    FROM fresh GROUP BY interaction_id
  ) f WHERE i.id = f.interaction_id
), stored AS (
  INSERT INTO crm_message (
    interaction_id, kind, author, agent_id, text, body, client_id, staff_seq, customer_seq,
    created_at
  )
  SELECT interaction_id, kind, author, agent_id, text, '{}'::jsonb, client_id, staff_seq,
    customer_seq, %(at)s
  FROM fresh ORDER BY n
  RETURNING id, interaction_id, staff_seq
)
SELECT f.n, s.id, f.staff_seq, f.customer_seq, f.status, f.holder_id, false,
  a.display_name, a.picture
FROM fresh f JOIN stored s USING (interaction_id, staff_seq)
LEFT JOIN crm_agent a ON a.id = f.agent_id
UNION ALL
SELECT n, id, staff_seq, customer_seq, NULL, NULL, true, NULL, NULL FROM known
ORDER BY n
"""


def post_many(lines: Sequence[Line]) -> list[Answer]:
    """Store lines in their order, one answer each, and show them. A bad line refuses itself only.

    The writer's whole work in one call; locked interactions are waited for here."""
    answers, frames, left = store(lines)
    events.push_all(frames)
    for place in left:
        answers[place] = post_slowly(lines[place])
    return [answer for answer in answers if answer is not None]


def store(lines: Sequence[Line]) -> tuple[list[Answer | None], list[events.Frame], list[int]]:
    """One statement, committed when this returns (outside a transaction).

    Returns the answers by place, the frames to publish, and the places that must go one by one
    (interaction locked, not open, of a channel that delivers otherwise). Raises OperationalError
    when the database is away: then nothing is known, and a repetition is safe."""
    answers: list[Answer | None] = [None] * len(lines)
    first = _sift(lines, answers)
    if not first:
        return answers, [], []
    asked = [lines[place] for place in first]
    at = clock.now()
    try:
        rows = _execute(asked, at)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:  # one row is bad, the statement does not say which
        log.warning("a batch of %s lines goes one by one: %s", len(asked), type(error).__name__)
        return answers, [], [place for place in range(len(lines)) if answers[place] is None]
    frames: list[events.Frame] = []
    for row in rows:
        place = first[row[0] - 1]
        answers[place] = posted = _posted(lines[place], row)
        if not posted.repeated:
            frames += _frames(posted, row, at)
    _repeat(lines, answers)
    return answers, frames, [place for place in range(len(lines)) if answers[place] is None]


def _sift(lines: Sequence[Line], answers: list[Answer | None]) -> list[int]:
    """The places to try: well-formed, and the first of their key within the batch."""
    seen: set[tuple[int, str]] = set()
    first = []
    for place, line in enumerate(lines):
        if code := fault(line):
            answers[place] = Refused(line, code)
        elif (key := (line.interaction_id, line.client_id)) not in seen:
            seen.add(key)
            first.append(place)
    return first


def _repeat(lines: Sequence[Line], answers: list[Answer | None]) -> None:
    """The same key twice in one batch: the second gets the first one's numbers."""
    stored = {
        (answer.line.interaction_id, answer.line.client_id): answer
        for answer in answers
        if isinstance(answer, Posted)
    }
    for place, line in enumerate(lines):
        if answers[place] is None and (known := stored.get((line.interaction_id, line.client_id))):
            answers[place] = Posted(
                line, known.id, known.staff_seq, known.customer_seq, repeated=True
            )


def _execute(lines: Sequence[Line], at: datetime) -> list[tuple[Any, ...]]:
    given = {
        "interactions": [line.interaction_id for line in lines],
        "authors": [str(line.author) for line in lines],
        "agents": [line.agent_id for line in lines],
        "kinds": [str(line.kind) for line in lines],
        "texts": [texts.clean(line.text) for line in lines],
        "client_ids": [line.client_id for line in lines],
        "channels": _live(),
        "at": at,
    }
    return prepared.rows(_STATEMENT, given)


def _live() -> list[str]:
    return [channel.name for channel in registry.channels() if channel.live]


def _posted(line: Line, row: tuple[Any, ...]) -> Posted:
    _n, key, staff_seq, customer_seq, status, _holder, repeated, *_agent = row
    return Posted(line, key, staff_seq, customer_seq, status == Status.WAITING, repeated)


def _frames(posted: Posted, row: tuple[Any, ...], at: datetime) -> Iterable[events.Frame]:
    line, holder, (name, picture) = posted.line, row[5], row[7:9]
    said: dict[str, Any] = {
        "interaction_id": line.interaction_id,
        "id": posted.id,
        "kind": str(line.kind),
        "author": str(line.author),
        "agent": (line.agent_id, name, picture) if line.agent_id else None,
        "text": texts.clean(line.text),
        "body": {},
        "at": at,
        "client_id": line.client_id,
    }
    key = line.interaction_id
    yield groups_of(key, holder, STAFF), frame(STAFF, seq=posted.staff_seq, **said)
    if posted.customer_seq is not None:
        yield groups_of(key, None, CUSTOMER), frame(CUSTOMER, seq=posted.customer_seq, **said)
