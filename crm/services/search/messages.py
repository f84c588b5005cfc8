"""Messages by their words: the newest, or the best of the newest, among what the user may see.

A word such as "bonjour" stands in every second message. So the newest days are searched first,
and further back only until the page is full; day, month and year are lexemes of the same index."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Func, Q, QuerySet, Value

from crm import clock
from crm.models import Interaction, Message, MessageText

from . import words
from .passages import Passage, passage

PAGE = 20
# stand in the compiled statement for what differs from one asking to the next
_QUESTION = "'asked'"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
BEST_OF = 200  # so many of the newest are weighed when the best are asked for


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


class _Rank(Func):
    """How well it answers, less for what is old: a half after 90 days."""

    template = (
        "(ts_rank(%(expressions)s::tsquery, 1)::float8"
        " / (1 + greatest(0, extract(epoch from (%(at)s::timestamptz - said_at))) / 7776000))"
    )
    output_field = FloatField()


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
    rows = [(key, said_at) for key, said_at in _some(user, wanted, cursor, size + 1)]
    page = rows[:size]
    more = len(rows) > size
    return [key for key, _at in page], _date_cursor(*page[-1]) if more else ""


def _some(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, count: int
) -> list[tuple[int, datetime]]:
    """The newest `count` matches before the cursor: the last days first, then further back, each
    time as far as what was found so far lets hope for enough."""
    asked = words.query(wanted)
    ask = _statement(user, cursor, count)
    before = cursor.at if cursor else clock.now() + timedelta(days=1)
    rows: list[tuple[int, datetime]] = []
    since = _NEVER
    days = 0
    while len(rows) < count:
        length = _next_length(days, len(rows), count)
        if length is None:
            return rows + ask(asked, since)[: count - len(rows)]
        when, begins = words.within(length, before)
        rows += ask(f"{asked} & {when}", since)
        since, days = begins, length
    return rows[:count]


def _next_length(days: int, found: int, count: int) -> int | None:
    """The stretch that should hold enough, going by what the last one held; None: everything."""
    if not days:
        return words.STRETCHES[0]
    hoped = (found + 1) / days
    longer = [length for length in words.STRETCHES if length > days]
    return next((length for length in longer if length * hoped >= count), None)


def _statement(
    user: Any, cursor: _Cursor | None, count: int
) -> Callable[[str, datetime], list[tuple[int, datetime]]]:
    """The query, compiled once; called with a tsquery and the moment before which to look."""
    rows = _visible(user).filter(vector__matches=_QUESTION, said_at__lt=_NEVER)
    if cursor:
        rows = rows.filter(
            Q(said_at__lt=cursor.at) | Q(said_at=cursor.at, message_id__lt=cursor.key)
        )
    found = rows.order_by("-said_at", "-message_id").values_list("message_id", "said_at")
    sql, params = found[:count].query.sql_with_params()

    def ask(question: str, since: datetime) -> list[tuple[int, datetime]]:
        swap: dict[Any, Any] = {_QUESTION: question, _NEVER: since}
        with connection.cursor() as cursor:
            cursor.execute(sql, [swap.get(value, value) for value in params])
            return list(cursor.fetchall())

    return ask


def _visible(user: Any) -> QuerySet[MessageText]:
    rows = MessageText.objects.filter(message__deleted_at=None)
    seen = Interaction.objects.visible_to(user)
    return rows.filter(message__interaction__in=seen.order_by()) if seen.query.where else rows


def _best(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, size: int
) -> tuple[list[int], str]:
    start = _Cursor(cursor.at, 0) if cursor else None
    at = cursor.at if cursor else clock.now()
    newest = _some(user, wanted, start, BEST_OF)
    weighed = MessageText.objects.filter(pk__in=[key for key, _at in newest]).annotate(
        score=_Rank(
            F("vector"), Value(words.query(wanted)), at=f"'{at.astimezone(UTC).isoformat()}'"
        )
    )
    rows = sorted(weighed.values_list("score", "message_id"), reverse=True)
    if cursor:
        rows = [row for row in rows if row < (cursor.score, cursor.key)]
    page = rows[:size]
    older = _best_cursor(at, *page[-1]) if len(rows) > size else ""
    return [key for _score, key in page], older


def _shown(keys: list[int], wanted: list[frozenset[str]]) -> list[Found]:
    rows = Message.objects.select_related(
        "interaction__customer", "interaction__queue", "agent"
    ).in_bulk(keys)
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
