"""Writes the words of messages, after their commit and off the chat's path.

Claimed: one writer at a time holds the mark's row, a second one passes by. Can be killed anywhere
and run again: a message gets its words once."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max

from crm import clock
from crm.models import Message, MessageText, SearchMark

from . import words

_BATCH = 2_000
_TITLED = 3  # the exchange's title is found with its first messages
# an insert that has not committed after this time never will: tasks and requests end before
_SETTLED = timedelta(minutes=10)
_OVERLAP = 5_000  # ids a quick pass looks at again

_MISSING = """
SELECT m.id, m.text, m.created_at, i.language, CASE WHEN m.staff_seq <= %s THEN i.title ELSE '' END
FROM (SELECT * FROM crm_message WHERE id > %s ORDER BY id LIMIT %s) m
JOIN crm_interaction i ON i.id = m.interaction_id
WHERE m.text <> '' AND m.kind IN ('text', 'note')
  AND NOT EXISTS (SELECT FROM crm_messagetext t WHERE t.message_id = m.id)
"""


def fill(limit: int = 50_000) -> int:
    """Give words to messages that have none, and again to those that changed. How many.

    Every few seconds a quick pass looks at the newest ids; every ten minutes one goes back to
    `reached`, for what committed late."""
    done = _renew()
    at = clock.wall()
    whole, start, newest = False, 0, 0
    while done < limit:
        with transaction.atomic():
            mark = _claim()
            if mark is None:
                return done
            if not newest:
                newest = _newest()
                whole = at - mark.seen_at >= _SETTLED
                start = mark.reached if whole else max(mark.reached, mark.quick - _OVERLAP)
            last = _last_of_batch(start)
            if last is not None:
                done += _write(start)
                start = last
                mark.quick = max(mark.quick, last)
            elif whole:
                mark.reached, mark.seen, mark.seen_at = mark.seen, newest, at
            mark.save()
        if last is None:
            break
    return done


def _claim() -> SearchMark | None:
    known = SearchMark.objects.filter(pk=1)
    if not known.exists():
        SearchMark.objects.get_or_create(pk=1, defaults={"seen_at": clock.wall()})
    return known.select_for_update(skip_locked=True).first()


def _newest() -> int:
    return Message.objects.aggregate(last=Max("pk"))["last"] or 0


def _last_of_batch(start: int) -> int | None:
    batch = Message.objects.filter(pk__gt=start).order_by("pk").values("pk")[:_BATCH]
    last: int | None = Message.objects.filter(pk__in=batch).aggregate(last=Max("pk"))["last"]
    return last


def _write(start: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, [_TITLED, start, _BATCH])
        rows = [
            (key, said_at, words.vector(text, title, language, said_at))
            for key, text, said_at, language, title in cursor.fetchall()
        ]
        _insert(cursor, rows)
    return len(rows)


def _insert(cursor, rows) -> None:  # type: ignore[no-untyped-def]
    """One statement; a message deleted meanwhile takes its words with it."""
    cursor.execute(
        """
        INSERT INTO crm_messagetext (message_id, said_at, vector)
        SELECT g.id, g.said_at, g.vector::tsvector
        FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS g(id, said_at, vector)
        WHERE EXISTS (SELECT FROM crm_message m WHERE m.id = g.id)
        ON CONFLICT (message_id) DO UPDATE SET vector = excluded.vector
        """,
        [[row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]],
    )


@transaction.atomic
def _renew() -> int:
    """Messages whose words changed since (edited; crm/services/posting says so)."""
    stale = (
        MessageText.objects.filter(vector=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("message__interaction")[:_BATCH]
    )
    rows = [
        (
            one.pk,
            one.said_at,
            words.vector(
                one.message.text,
                one.message.interaction.title if one.message.staff_seq <= _TITLED else "",
                one.message.interaction.language,
                one.said_at,
            ),
        )
        for one in stale
    ]
    if rows:
        with connection.cursor() as cursor:
            _insert(cursor, rows)
    return len(rows)
