"""Messages by their words: the newest, or the best of the newest, among what the user may see.

A word such as "bonjour" stands in every second message. So the newest days are searched first,
and further back only until the page is full; day, month and year are lexemes of the same index."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crm import clock
from crm.models import Customer, Interaction, Queue
from crm.services import prepared

from . import words
from .passages import Passage, passage

PAGE = 20
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
BEST_OF = 60  # so many of the newest are weighed when the best are asked for

# How far back is looked at first, and beyond what everything is looked at. How many matches one
# step should meet: more than are hoped to be enough, and no more than are soon put in order.
_FIRST_DAYS, _MOST_DAYS, _MORE = 2, 500, 1.3
_FEWEST, _MOST = 100, 3_000

_Row = tuple[int, datetime, float]  # a message, when it was said, and how well it answers

# The index gives what matches, the newest come first, and one after the other is looked at, by its
# key, until enough of them are the user's to see. OFFSET 0 keeps the planner from joining first.
# The last row says how many matched, whosoever they are.
_STEP = """
WITH found AS MATERIALIZED (
  SELECT message_id, said_at FROM crm_messagetext
  WHERE vector @@ %s::tsquery AND (said_at, message_id) < (%s, %s)
)
(SELECT newest.message_id, newest.said_at, {weight} AS weight
FROM (SELECT * FROM found ORDER BY said_at DESC, message_id DESC OFFSET 0) newest
CROSS JOIN LATERAL (
  SELECT FROM crm_message m
  WHERE m.id = newest.message_id AND m.deleted_at IS NULL AND m.interaction_id IN ({seen}) OFFSET 0
) seen
ORDER BY newest.said_at DESC, newest.message_id DESC LIMIT %s)
UNION ALL SELECT count(*), NULL, NULL FROM found
"""
# how well it answers, less for what is old: a half after 90 days
_WEIGHT = """(
  SELECT ts_rank(t.vector, %s::tsquery, 1)::float8
    / (1 + greatest(0, extract(epoch FROM %s::timestamptz - t.said_at)) / 7776000)
  FROM crm_messagetext t WHERE t.message_id = newest.message_id
)"""
_SHOWN = """
SELECT m.id, m.author, m.kind, m.created_at, m.text, coalesce(a.display_name, ''),
  i.id, i.channel, i.title, i.opened_at, c.id, c.first_name, c.last_name, q.name_fr, q.name_en
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked(id, place)
JOIN crm_message m ON m.id = asked.id
JOIN crm_interaction i ON i.id = m.interaction_id
JOIN crm_customer c ON c.id = i.customer_id
LEFT JOIN crm_queue q ON q.id = i.queue_id
LEFT JOIN crm_agent a ON a.id = m.agent_id
ORDER BY asked.place
"""
_PERSON, _QUEUE = ("id", "first_name", "last_name"), ("name_fr", "name_en")
_EXCHANGE = ("id", "opened_at")


class BadCursor(ValueError):
    """Not a cursor this module gave."""


@dataclass(frozen=True)
class Found:
    """One message as a list shows it, with the passage that answers."""

    message: int
    author: str
    agent: str  # the name of who wrote it; empty for customers
    kind: str
    said_at: datetime
    passage: Passage
    interaction: int
    reference: str
    channel: str
    queue: str
    customer: int
    customer_name: str


@dataclass(frozen=True)
class Hits:
    """One page. `older` is the next one's cursor, empty at the end."""

    found: list[Found]
    older: str
    words: bool = True  # False: the question held no word to look for


@dataclass(frozen=True)
class _Cursor:
    at: datetime  # of the last row, or from when the best were weighed
    key: int
    score: float = 0.0


def find_messages(
    user: Any, term: str, *, best: bool = False, after: str = "", size: int = PAGE
) -> Hits:
    """Messages with every word of `term`, in French or English, that this user may see.

    `best`: the best of the newest 60 first, else the newest first. Raises BadCursor."""
    wanted = words.asked(term)
    if not wanted:
        return Hits([], "", words=False)
    cursor = _read(after, best)
    if best:
        keys, older = _best(user, wanted, cursor, size)
    else:
        keys, older = _newest(user, wanted, cursor, size)
    return Hits(_shown(keys, wanted), older)


def _newest(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, size: int
) -> tuple[list[int], str]:
    rows = _some(wanted, cursor, size + 1, _within_rights(user))
    page = rows[:size]
    more = len(rows) > size
    return [row[0] for row in page], _date_cursor(*page[-1][:2]) if more else ""


def _some(
    wanted: list[frozenset[str]], cursor: _Cursor | None, count: int, ask: "_Ask"
) -> list[_Row]:
    """The newest `count` matches before the cursor: the last days first, then as far back as what
    matched so far lets hope for enough, at last everything."""
    asked = words.query(wanted)
    bound = (cursor.at, cursor.key) if cursor else (_NEVER, 0)
    today = words.day_of(cursor.at if cursor else clock.now())
    first, days, matched = today + 1, _FIRST_DAYS, 0
    rows: list[_Row] = []
    while len(rows) < count and days <= _MOST_DAYS:
        when, first = words.said_between(first - days, first)
        found, met = ask(f"{asked} & {when}", *bound, count - len(rows))
        rows += found
        matched += met
        bound = (words.midnight(first), 0)
        hoped = _MORE * (count - len(rows)) * (matched + 1) / (len(rows) + 1)
        step = min(max(hoped, _FEWEST), _MOST)
        seen = today + 1 - first
        days = max(seen, math.ceil(seen * step / (matched + 1)))
    if len(rows) < count:
        rows += ask(asked, *bound, count - len(rows))[0]
    return rows


# a tsquery's newest matches before a moment and a key, so many at most; and how many matched
_Ask = Callable[[str, datetime, int, int], tuple[list[_Row], int]]


def _within_rights(user: Any, weight: str = "0.0", *weighed: Any) -> _Ask:
    seen = Interaction.objects.visible_to(user).order_by().values("pk").query
    if seen.is_empty():
        return lambda asked, at, key, count: ([], 0)
    sql, params = seen.sql_with_params()
    statement = _STEP.format(seen=sql, weight=weight)

    def ask(asked: str, at: datetime, key: int, count: int) -> tuple[list[_Row], int]:
        *rows, last = prepared.rows(statement, [asked, at, key, *weighed, *params, count])
        return rows, last[0]

    return ask


def _best(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, size: int
) -> tuple[list[int], str]:
    start = _Cursor(cursor.at, 0) if cursor else None
    at = cursor.at if cursor else clock.now()
    ask = _within_rights(user, _WEIGHT, words.query(wanted), at)
    newest = _some(wanted, start, BEST_OF, ask)
    rows = sorted(((score, key) for key, _at, score in newest), reverse=True)
    if cursor:
        rows = [row for row in rows if row < (cursor.score, cursor.key)]
    page = rows[:size]
    older = _best_cursor(at, *page[-1]) if len(rows) > size else ""
    return [key for _score, key in page], older


def _shown(keys: list[int], wanted: list[frozenset[str]]) -> list[Found]:
    return [_found(wanted, *row) for row in prepared.rows(_SHOWN, [keys])] if keys else []


def _found(
    wanted: list[frozenset[str]],
    key: int, author: str, kind: str, said_at: datetime, text: str, agent: str,
    exchange: int, channel: str, title: str, opened_at: datetime,
    customer: int, first_name: str, last_name: str, name_fr: str | None, name_en: str | None,
) -> Found:  # fmt: skip
    # rows as if read with `only`: the defaults of all their fields would cost as much as the search
    person = Customer.from_db(None, _PERSON, (customer, first_name, last_name))
    queue = Queue.from_db(None, _QUEUE, (name_fr or "", name_en or ""))
    return Found(
        message=key,
        author=author,
        agent=agent,
        kind=kind,
        said_at=said_at,
        passage=passage(text, title, wanted),
        interaction=exchange,
        reference=Interaction.from_db(None, _EXCHANGE, (exchange, opened_at)).reference,
        channel=channel,
        queue=queue.name,
        customer=customer,
        customer_name=str(person),
    )


def _date_cursor(key: int, at: datetime) -> str:
    return f"d.{int(at.timestamp() * 1_000_000)}.{key}"


def _best_cursor(at: datetime, score: float, key: int) -> str:
    return f"b.{int(at.timestamp() * 1_000_000)}.{key}.{score.hex()}"


def _read(text: str, best: bool) -> _Cursor | None:
    if not text:
        return None
    try:
        kind, micro, key, *score = text.split(".", 3)
        if (kind == "b") is not best or (kind == "b") is not bool(score):
            raise BadCursor(text)
        at = datetime.fromtimestamp(int(micro) // 1_000_000, UTC)
        at = at.replace(microsecond=int(micro) % 1_000_000)
        return _Cursor(at, int(key), float.fromhex(score[0]) if score else 0.0)
    except (ValueError, OverflowError, OSError) as error:
        raise BadCursor(text) from error
