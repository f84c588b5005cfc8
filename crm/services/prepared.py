"""SQL of the hot paths (chat lines, assignments), as prepared statements: planning and building it
anew would cost more than running it. On Django's own connection, so that transactions and test
databases are the same."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import tuple_row


def rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run it in the caller's transaction; what it returns."""
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection, row_factory=tuple_row) as cursor,
    ):
        cursor.execute(statement, given, prepare=True)
        return cursor.fetchall() if cursor.description else []
