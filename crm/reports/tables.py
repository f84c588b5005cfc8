"""Figures side by side, by any cut, each beside what it was before."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from crm.reports import measures, values, words
from crm.reports.cut import Cut
from crm.reports.dimensions import NONE, Dimension
from crm.reports.measures import Measure
from crm.reports.stats import FEW
from crm.reports.values import Scores, Value

USUAL = (
    "offered", "answer_rate", "abandoned", "service_level", "waiting_time", "handling_time",
    "first_contact_resolution", "satisfaction", "effort",
)  # fmt: skip
SAID = (
    "satisfaction", "effort", "recommendation", "declared_resolution", "response_rate",
    "blind_spot",
)  # fmt: skip
PULSE = ("pulse_explicit", "pulse_cordial")
MOST = 40  # rows; the frequent ones first


@dataclass(frozen=True)
class Cell:
    """One figure in words; `query` opens the exchanges behind it."""

    said: str
    beside: str  # what it rests on
    before: str
    query: str
    few: bool  # too few answers to say much: grey


@dataclass(frozen=True)
class Line:
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    head: list[Measure]
    lines: list[Line]
    total: Line
    left_out: int  # lines below the most frequent ones


def table(cut: Cut, dimension: Dimension, names: Sequence[str], all_of_them: str) -> Table:
    """As many queries however many lines."""
    head = [one for one in map(measures.get, names) if one.has(dimension)]
    now = [one.by(cut, dimension) for one in head]
    before = [one.by(cut.before(), dimension) for one in head]
    choices = dimension.choices()
    keys = sorted(now[0], key=lambda key: _order(key, list(choices), now[0][key]))
    lines = [
        Line(
            dimension.label_of(key, choices),
            [
                _cell(one, found.get(key), earlier.get(key), cut, dimension, key)
                for one, found, earlier in zip(head, now, before, strict=True)
            ],
        )
        for key in keys[:MOST]
    ]
    total = Line(
        all_of_them, [_cell(one, one.total(cut), one.total(cut.before()), cut) for one in head]
    )
    return Table(head, lines, total, max(0, len(keys) - MOST))


def _order(key: object, known: list[object], value: Value) -> tuple[int, int]:
    """Few choices in their own order, many by how often; what has none is last."""
    if key is None:
        return (2, 0)
    if len(known) <= 12:
        return (0, known.index(key) if key in known else len(known))
    return (1, -values.count(value))


def _cell(
    measure: Measure,
    value: Value | None,
    before: Value | None,
    cut: Cut,
    dimension: Dimension | None = None,
    key: object = "",
) -> Cell:
    was = words.value(measure.unit, before)
    if value is None or not values.count(value):
        return Cell(words.value(measure.unit, None), "", was, "", False)
    query = {"measure": measure.name}
    if dimension:
        query[dimension.name] = NONE if key is None else str(key)
    if cut.asked:  # fewer days than the page's
        query |= {"from": str(cut.period.first), "to": str(cut.period.last)}
    opens = urlencode(query) if measure.is_of_exchanges else ""
    said, beside = words.value(measure.unit, value), words.beside(value)
    return Cell(said, beside, was, opens, isinstance(value, Scores) and value.count < FEW)
