"""Rows of one figure as they stand in the tables, read for counting."""

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet
from django.db.models.functions import Cast, Coalesce

from crm.models import Interaction
from crm.reports.cut import Cut
from crm.reports.period import Period
from crm.reports.rollup.carried import IDS, SLOT, WORDS, Vocabulary
from crm.reports.rollup.entries import Entries, Numbers

if TYPE_CHECKING:
    from crm.reports.measures import Measure

HALF_HOUR = 30 * 60 * 1_000_000  # microseconds
_INTEGERS = (*(one.name for one in WORDS), "value")
_LONG = (*(one.name for one in IDS), "micros", "at")
# a row of COPY … BINARY, all of whose columns are numbers and none is null
_ROW = np.dtype(
    [("columns", ">i2")]
    + [pair for name in _INTEGERS for pair in ((f"{name}_size", ">i4"), (name, ">i4"))]
    + [pair for name in _LONG for pair in ((f"{name}_size", ">i4"), (name, ">i8"))]
)
_HEAD, _TAIL = 19, 2


def read(measure: "Measure", period: Period, words: Vocabulary) -> Entries:
    """One entry a row; its day is the number of its local day (date.toordinal)."""
    rows = measure.rows(Cut(period)).order_by()
    found = _copied(rows, measure, words)
    if any((found[one.name] == one.most).any() for one in WORDS):
        _learn(rows, words)
        found = _copied(rows, measure, words)
    key = np.zeros(len(found), np.int64)
    for one in WORDS:
        key |= found[one.name].astype(np.int64) << one.shift
    for one in IDS:
        key |= words.of_ids(one, found[one.name].astype(np.int64)) << one.shift
    day, slot = _places(found["at"].astype(np.int64), period)
    return Entries(
        day,
        key | slot << SLOT.shift,
        found["value"].astype(np.int64),
        np.ones(len(found), np.int64),
        found["micros"].astype(np.int64),
    )


def _copied(rows: QuerySet[Interaction], measure: "Measure", words: Vocabulary) -> Any:
    columns: dict[str, Any] = {one.name: words.in_sql(one) for one in WORDS}
    columns["value"] = Cast(measure.reading.value, IntegerField())
    columns |= {one.name: _long(Coalesce(path(), 0)) for one, path in IDS.items()}
    columns |= {"micros": _long(measure.reading.micros), "at": _microseconds(measure.moment)}
    asked = rows.values(**{f"kept_{name}": path for name, path in columns.items()})
    inner, params = asked.query.sql_with_params()
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY ({inner}) TO STDOUT (FORMAT binary)", params) as copied,
    ):
        data = b"".join(bytes(part) for part in copied)
    return np.frombuffer(data[_HEAD:-_TAIL], _ROW)


def _long(path: Any) -> Cast:
    return Cast(path, BigIntegerField())


def _microseconds(moment: str | None) -> Func:
    """Of a moment since 1970."""
    template = "(extract(epoch from %(expressions)s) * 1000000)::bigint"
    return Func(F(str(moment)), template=template, output_field=BigIntegerField())


def _learn(rows: QuerySet[Interaction], words: Vocabulary) -> None:
    for one in WORDS:
        for word in rows.order_by().values_list(one.name, flat=True).distinct():
            if word:
                words.learn(one, word)


def _places(at: Numbers, period: Period) -> tuple[Numbers, Numbers]:
    """(local day, half hour of it in real time)."""
    days = period.days
    starts = np.array([int(Period(day, day).start.timestamp()) * 1_000_000 for day in days])
    place = np.searchsorted(starts, at, side="right") - 1
    return place + days[0].toordinal(), (at - starts[place]) // HALF_HOUR
