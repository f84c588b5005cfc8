"""The SQL of a figure: what the database is asked when nothing is kept ready. For whoever wants to
count it again by hand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlparse
from django.db import connection
from psycopg import ClientCursor

from crm.reports import words
from crm.reports.cut import Cut
from crm.reports.measures import Measure
from crm.reports.rollup import reading


@dataclass(frozen=True)
class Counted:
    """What a figure is in these days, in words, and by which statements."""

    said: str
    statements: list[str]


class _NothingKept(reading.Instant):
    def lacks(self, name: str, period: Any) -> bool:
        return True


def counted(measure: Measure, cut: Cut) -> Counted:
    """It is counted from the rows; the statements are those that were sent, values filled in."""
    found: list[str] = []
    cut = replace(cut, instant=_NothingKept())
    with connection.execute_wrapper(_noting(found)):
        value = measure.total(cut)
    return Counted(words.value(measure.unit, value), found)


def _noting(found: list[str]) -> Callable[..., Any]:
    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        cursor = ClientCursor(connection.connection)
        full = cursor.mogrify(sql, params) if params else sql
        found.append(sqlparse.format(full.strip(), reindent=True))
        return execute(sql, params, many, context)

    return noted
