"""Messages by their words: the newest, or the best of the newest, among what the user may see.

A word such as "bonjour" stands in every second message. So the newest weeks are searched first,
and further back only until the page is full; the week is a lexeme of the same index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, FloatField, Func, Q, QuerySet

from crm import clock
from crm.models import Interaction, Message, MessageText

from . import words
from .passages import Passage, passage

PAGE = 20
_SPANS = (2, 8, 32, 128)  # weeks
_FURTHEST = timedelta(days=366 * 50)
BEST_OF = 300  # so many of the newest are weighed when the best are asked for


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

    `best`: the best of the newest 300 first, else the newest first. Raises BadCursor."""
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
    """The newest `count` matches before the cursor, looking further back until there are enough."""
    rows: list[tuple[int, datetime]] = []
    for matching in _questions(wanted, cursor.at if cursor else clock.now() + timedelta(days=7)):
        found = _visible(user).filter(vector__matches=matching)
        if cursor:
            found = found.filter(
                Q(said_at__lt=cursor.at) | Q(said_at=cursor.at, message_id__lt=cursor.key)
            )
        found = found.order_by("-said_at", "-message_id")
        rows = list(found.values_list("message_id", "said_at")[:count])
        if len(rows) >= count:
            break
    return rows


def _questions(wanted: list[frozenset[str]], before: datetime) -> Iterator[str]:
    asked = words.query(wanted)
    last = words.week(before)
    for span in _SPANS:
        yield f"{asked} & {words.within_weeks(last - span + 1, last)}"
    yield asked


def _visible(user: Any) -> QuerySet[MessageText]:
    rows = MessageText.objects.filter(message__deleted_at=None)
    seen = Interaction.objects.visible_to(user)
    if seen.query.where:
        return rows.filter(message__interaction__in=seen.order_by())
    return rows


def _best(
    user: Any, wanted: list[frozenset[str]], cursor: _Cursor | None, size: int
) -> tuple[list[int], str]:
    start = _Cursor(cursor.at, 0) if cursor else None
    at = cursor.at if cursor else clock.now()
    newest = _some(user, wanted, start, BEST_OF)
    weighed = MessageText.objects.filter(pk__in=[key for key, _at in newest]).annotate(
        score=_Rank(F("vector"), _literal(wanted), at=f"'{at.astimezone(UTC).isoformat()}'")
    )
    rows = sorted(weighed.values_list("score", "message_id"), reverse=True)
    if cursor:
        rows = [row for row in rows if row < (cursor.score, cursor.key)]
    page = rows[:size]
    older = _best_cursor(at, *page[-1]) if len(rows) > size else ""
    return [key for _score, key in page], older


def _literal(wanted: list[frozenset[str]]) -> Any:
    from django.db.models import Value

    return Value(words.query(wanted))


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
