"""Messages by their words: the newest, or the best of the newest, among what the user may see.

A word such as "bonjour" stands in every second message. So the newest days are searched first,
and further back only until the page is full; day, month and year are lexemes of the same index."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crm import clock
from crm.models import Interaction, Message
from crm.services import prepared

from . import words
from .passages import Passage, passage

PAGE = 20
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
BEST_OF = 200  # so many of the newest are weighed when the best are asked for

# how far back is looked at first, and beyond what everything is looked at; how many times further
# than until then at most; and how much further than what was found makes hope
_FIRST_DAYS, _MOST_DAYS, _LONGER, _MORE = 2, 500, 16, 1.3

# what a page of hits shows; whole rows of five tables cost more than finding them
_SHOWN = (
    *("author", "kind", "created_at", "text", "agent__display_name", "interaction__title"),
    *("interaction__channel", "interaction__opened_at", "interaction__queue__name_fr"),
    *("interaction__queue__name_en", "interaction__customer__first_name"),
    "interaction__customer__last_name",
)

_Row = tuple[int, datetime]  # a message, and when it was said

# The index gives what matches, the newest come first, and one after the other is looked at, by its
# key, until enough of them are the user's to see. OFFSET 0 keeps the planner from joining first.
_NEWEST = """
SELECT found.message_id, found.said_at
FROM (
  SELECT message_id, said_at FROM crm_messagetext
  WHERE vector @@ %s::tsquery AND (said_at, message_id) < (%s, %s)
  ORDER BY said_at DESC, message_id DESC OFFSET 0
) found
CROSS JOIN LATERAL (
  SELECT FROM crm_message m
  WHERE m.id = found.message_id AND m.deleted_at IS NULL AND m.interaction_id IN ({seen}) OFFSET 0
) seen
ORDER BY found.said_at DESC, found.message_id DESC LIMIT %s
"""
# how well it answers, less for what is old: a half after 90 days
_WEIGHED = """
SELECT ts_rank(vector, %s::tsquery, 1)::float8
    / (1 + greatest(0, extract(epoch FROM %s::timestamptz - said_at)) / 7776000), message_id
FROM crm_messagetext WHERE message_id = ANY(%s)
"""


class BadCursor(ValueError):
    """Not a cursor this module gave."""


@dataclass(frozen=True)
class Found:
    """One message, with the passage that answers."""

    message: Message
    passage: Passage

    @property
    def interaction(self) -> Interaction:
        return self.message.interaction


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

    `best`: the best of the newest 200 first, else the newest first. Raises BadCursor."""
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
    rows = _some(user, wanted, cursor, size + 1)
    page = rows[:size]
    more = len(rows) > size
    return [key for key, _at in page], _date_cursor(*page[-1]) if more else ""


def _some(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, count: int
) -> list[_Row]:
    """The newest `count` matches before the cursor: the last days first, then as far back as what
    was found so far lets hope for enough, at last everything."""
    asked = words.query(wanted)
    ask = _within_rights(user)
    bound = (cursor.at, cursor.key) if cursor else (_NEVER, 0)
    today = words.day_of(cursor.at if cursor else clock.now())
    first, days = today + 1, _FIRST_DAYS
    rows: list[_Row] = []
    while len(rows) < count and days <= _MOST_DAYS:
        when, first = words.said_between(first - days, first)
        rows += ask(f"{asked} & {when}", *bound, count - len(rows))
        bound = (words.midnight(first), 0)
        seen = today + 1 - first
        hoped = math.ceil(_MORE * seen * (count - len(rows)) / (len(rows) + 1))
        days = min(max(hoped, seen), seen * _LONGER)
    if len(rows) < count:
        rows += ask(asked, *bound, count - len(rows))
    return rows


def _within_rights(user: Any) -> Callable[[str, datetime, int, int], list[_Row]]:
    """Asks for a tsquery's newest matches before a moment and a key, so many at most."""
    seen = Interaction.objects.visible_to(user).order_by().values("pk").query
    if seen.is_empty():
        return lambda asked, at, key, count: []
    sql, params = seen.sql_with_params()
    statement = _NEWEST.format(seen=sql)

    def ask(asked: str, at: datetime, key: int, count: int) -> list[_Row]:
        return prepared.rows(statement, [asked, at, key, *params, count])

    return ask


def _best(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, size: int
) -> tuple[list[int], str]:
    start = _Cursor(cursor.at, 0) if cursor else None
    at = cursor.at if cursor else clock.now()
    newest = _some(user, wanted, start, BEST_OF)
    keys = [key for key, _at in newest]
    rows = sorted(prepared.rows(_WEIGHED, [words.query(wanted), at, keys]), reverse=True)
    if cursor:
        rows = [row for row in rows if row < (cursor.score, cursor.key)]
    page = rows[:size]
    older = _best_cursor(at, *page[-1]) if len(rows) > size else ""
    return [key for _score, key in page], older


def _shown(keys: list[int], wanted: list[frozenset[str]]) -> list[Found]:
    shown = Message.objects.select_related("interaction__customer", "interaction__queue", "agent")
    rows = shown.only(*_SHOWN).in_bulk(keys)
    return [
        Found(rows[key], passage(rows[key].text, rows[key].interaction.title, wanted))
        for key in keys
        if key in rows
    ]


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
