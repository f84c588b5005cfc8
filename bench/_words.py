"""Words to say, and their lexemes by COPY: for benches that search."""

import random
from collections.abc import Iterable
from datetime import datetime

WORDS = 30_000  # of the vocabulary, drawn by Zipf


def vocabulary() -> list[str]:
    """Words of two to four syllables, none of them grammar."""
    draw = random.Random(3)
    parts = ["ba", "co", "di", "fu", "ga", "le", "mi", "no", "pa", "re", "si", "tu", "vo", "za"]
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(draw.choices(parts, k=draw.randint(3, 6)))] = None
    return list(found)


def write_vectors(said: Iterable[tuple[int, datetime, list[str]]]) -> None:
    """(message, moment, its words) of each."""
    from django.db import connection

    from crm.services.search import words

    stems: dict[str, str] = {}
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY crm_messagetext (message_id, said_at, vector) FROM STDIN") as copy,
    ):
        for key, at, drawn in said:
            places: dict[str, list[str]] = {}
            for place, word in enumerate(drawn, 1):
                if word not in stems:
                    stems[word] = words.stem(word, "fr")
                places.setdefault(stems[word], []).append(str(place))
            vector = " ".join(f"'{stem}':{','.join(p)}" for stem, p in places.items())
            when = " ".join(f"'{one}'" for one in words.stretches(at))
            copy.write_row((key, at, f"{vector} {when}"))


def drop_index() -> None:
    """Built at once afterwards (`make_index`): row by row takes minutes."""
    from django.db import connection

    from crm.models import MessageText

    with connection.schema_editor() as editor:
        editor.remove_index(MessageText, _index())


def make_index() -> None:
    from django.db import connection

    from crm.models import MessageText

    with connection.schema_editor() as editor:
        editor.add_index(MessageText, _index())


def _index():  # type: ignore[no-untyped-def]
    from crm.models import MessageText

    return next(i for i in MessageText._meta.indexes if i.name == "words_of_messages")
