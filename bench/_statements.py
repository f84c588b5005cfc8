"""What the product sends to the database: to be counted, or sent again without it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg


class Sent(NamedTuple):
    cursor: type[psycopg.Cursor[Any]]
    query: Any
    args: tuple[Any, ...]
    options: dict[str, Any]


@contextmanager
def sent() -> Iterator[list[Sent]]:
    """Every statement of this process while it lasts, BEGIN and COMMIT apart."""
    found: list[Sent] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        found.append(Sent(type(cursor), query, args, options))
        return execute(cursor, query, *args, **options)

    with patch.object(psycopg.Cursor, "execute", noted):
        yield found


def again(statements: list[Sent]) -> float:
    """Seconds that they take by themselves, their rows fetched."""
    from django.db import connection

    began = time.perf_counter()
    for one in statements:
        with one.cursor(connection.connection) as cursor:
            cursor.execute(one.query, *one.args, **one.options).fetchall()
    return time.perf_counter() - began
