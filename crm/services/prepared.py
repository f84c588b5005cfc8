"""SQL of the hot paths (chat lines, assignments), as prepared statements: planning and building it
anew would cost more than running it. On Django's own connection, so that transactions and test
databases are the same."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import tuple_row


def rows(statement: str, given: Mapping[str, Any] | list[Any]) -> list[tuple[Any, ...]]:
    """Run it in the caller's transaction; what it returns."""
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection, row_factory=tuple_row) as cursor,
    ):
        cursor.execute(statement, _literals(given), prepare=True)
        return cursor.fetchall() if cursor.rownumber is not None else []


def _literals(given: Mapping[str, Any] | list[Any]) -> dict[str, Any] | list[Any]:
    """Lists as array literals, which the statement types: psycopg would type them by their largest
    number, and there would be a plan for each size."""
    if isinstance(given, list):
        return [_literal(value) for value in given]
    return {name: _literal(value) for name, value in given.items()}


def _literal(value: Any) -> Any:
    return "{" + ",".join(map(_element, value)) + "}" if isinstance(value, list) else value


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):  # truth values too
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
