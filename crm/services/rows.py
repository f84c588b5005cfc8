"""Many rows written in one round trip: a batch pays for the database's work, not for a statement
made of ten thousand parameters."""

import json
import operator
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from psycopg.adapt import PyFormat, Transformer

from crm.services import audit

_LENGTH = re.compile(r"\(.*?\)")
_PLAIN: frozenset[type] = frozenset({str, int, bool, type(None)})
_PLAIN_AND_AWARE = _PLAIN | {datetime}  # ours have their zone


def insert(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model and give them their keys: as `bulk_create`, by COPY."""
    if len(rows) < 2:  # one INSERT gives the key in the same round trip
        for row in rows:
            type(row)._base_manager.bulk_create([row])
        return
    meta = rows[0]._meta
    if meta.db_table in audit.TABLES:
        audit.tell_actor(connection)
    columns: list[Any] = [column for column in meta.concrete_fields if not column.generated]
    table, names = _quoted(meta.db_table), ", ".join(_quoted(each.column) for each in columns)
    _number(rows)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for values in _values(rows, columns, adding=True):
            copy.write_row(values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _number(rows: Sequence[models.Model]) -> None:
    key: Any = rows[0]._meta.pk
    if not isinstance(key, models.AutoField):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [rows[0]._meta.db_table, key.column, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save these fields of rows of one model: as `bulk_update`, without its CASE per value, in one
    statement with one array per column.

    Nothing is refreshed, nothing is announced."""
    if not rows:
        return
    meta = rows[0]._meta
    key: Any = meta.pk
    columns: list[Any] = [key, *(meta.get_field(name) for name in fields)]
    names = [_quoted(column.column) for column in columns]
    # without the length of a varchar: a cast to it would cut what is too long, silently
    kinds = [_LENGTH.sub("", str(column.rel_db_type(connection))) for column in columns]
    pairs = list(zip(names, kinds, strict=True))
    # unnest would take arrays apart to their elements: theirs travel as text
    arrays = ", ".join(f"%s::{'text' if kind.endswith('[]') else kind}[]" for kind in kinds)
    assignments = ", ".join(f"{name} = new.{name}::{kind}" for name, kind in pairs[1:])
    table = _quoted(meta.db_table)
    statement = (
        f"UPDATE {table} SET {assignments} "  # noqa: S608 (names of our own models)
        f"FROM unnest({arrays}) AS new ({', '.join(names)}) "
        f"WHERE {table}.{names[0]} = new.{names[0]}"
    )
    given = [
        [_as_text(value) for value in values] if kind.endswith("[]") else list(values)
        for kind, values in zip(kinds, zip(*_values(rows, columns), strict=True), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


def _as_text(value: list[Any] | None) -> str | None:
    """An array as PostgreSQL reads it."""
    if value is None:
        return None
    dumper = Transformer().get_dumper(value, PyFormat.TEXT)
    return bytes(dumper.dump(value) or b"").decode()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _values(
    rows: Sequence[models.Model], columns: Sequence[Any], *, adding: bool = False
) -> Iterator[list[Any]]:
    """As the driver takes them. Asking Django about each value costs more than the rest: most are
    plain already, in columns that it would hand over as they are."""
    take = operator.attrgetter(*[column.attname for column in columns])
    ways = [(at, column, _plain_in(column)) for at, column in enumerate(columns)]
    filled = [column for column in columns if adding and _fills(column)]
    for row in rows:
        for column in filled:
            column.pre_save(row, adding)
        made = list(take(row))
        for at, column, plain in ways:
            value = made[at]
            if type(value) not in plain:
                made[at] = _prepared(column, value)
        yield made


def _prepared(column: Any, value: Any) -> Any:
    if type(column) is models.JSONField and column.encoder is None and value is not None:
        return json.dumps(value)
    return column.get_db_prep_save(value, connection)


def _plain_in(column: Any) -> frozenset[type]:
    """The kinds of values that this column hands over as they are."""
    if not type(column).__module__.startswith("django.db.models.fields"):
        return frozenset()
    if isinstance(column, models.JSONField):
        return frozenset({type(None)})
    return _PLAIN_AND_AWARE if type(column) is models.DateTimeField else _PLAIN


def _fills(column: Any) -> bool:
    """Whether it sets its own value when a row is saved: auto_now, the name of a file."""
    return type(column).pre_save is not models.Field.pre_save
