"""Figures side by side, by any cut, each beside what it was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from crm.reports import measures, values, words
from crm.reports.cut import Cut
from crm.reports.dimensions import NONE, Dimension, Key
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
AT_ONCE = ("handling_time", "first_contact_resolution", "satisfaction", "effort")
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


@dataclass(frozen=True)
class Sheet:
    """A table on its side: a line for each figure, a column for each part and one for all."""

    head: list[str]
    lines: list[tuple[Measure, list[Cell]]]


def table(cut: Cut, dimension: Dimension, names: Sequence[str], all_of_them: str) -> Table:
    """As many queries however many lines."""
    head = [one for one in map(measures.get, names) if one.has(dimension)]
    cut.together(one.name for one in head if one.is_kept)
    found = [_found(one, cut, dimension) for one in head]
    choices = dimension.choices()
    often: dict[Key, int] = {}  # by the first figure; what only others have comes after
    for key, value in ((key, found[0].now.get(key, 0)) for one in found for key in one.now):
        often[key] = values.count(value)
    keys = sorted(often, key=lambda key: _order(key, list(choices), often[key]))
    lines = [
        Line(dimension.label_of(key, choices), [one.cell(key) for one in found])
        for key in keys[:MOST]
    ]
    total = Line(all_of_them, [one.total for one in found])
    return Table(head, lines, total, max(0, len(keys) - MOST))


def sheet(cut: Cut, dimension: Dimension, figures: Sequence[Measure], all_of_them: str) -> Sheet:
    """Of a cut with few parts, such as the channel."""
    choices = dimension.choices()
    lines = []
    for one in figures:
        found = _found(one, cut, dimension)
        lines.append((one, [*map(found.cell, choices), found.total]))
    return Sheet([*map(str, choices.values()), all_of_them], lines)


@dataclass(frozen=True)
class _Found:
    """One figure by its parts and as a whole, now and before."""

    measure: Measure
    cut: Cut
    dimension: Dimension
    now: Mapping[Key, Value]
    before: Mapping[Key, Value]
    total: Cell

    def cell(self, key: Key) -> Cell:
        now, before = self.now.get(key), self.before.get(key)
        return _cell(self.measure, now, before, self.cut, self.dimension, key)


def _found(measure: Measure, cut: Cut, dimension: Dimension) -> _Found:
    now, whole = measure.by_with_total(cut, dimension)
    before, earlier = measure.by_with_total(cut.before(), dimension)
    total = _cell(measure, whole, earlier, cut)
    return _Found(measure, cut, dimension, now, before, total)


def _order(key: object, known: list[object], often: int) -> tuple[int, int]:
    """Few choices in their own order, many by how often; what has none is last."""
    if key is None:
        return (2, 0)
    if len(known) <= 12:
        return (0, known.index(key) if key in known else len(known))
    return (1, -often)


def _cell(
    measure: Measure,
    value: Value | None,
    before: Value | None,
    cut: Cut,
    dimension: Dimension | None = None,
    key: object = "",
) -> Cell:
    was, said = (words.value(measure.unit, one) for one in (before, value))
    if value is None or not values.count(value) or said == words.NOTHING:
        return Cell(words.NOTHING, "", was, "", False)
    query = {"measure": measure.name}
    if dimension:
        query[dimension.name] = NONE if key is None else str(key)
    if cut.asked:  # fewer days than the page's
        query |= {"from": str(cut.period.first), "to": str(cut.period.last)}
    opens = urlencode(query) if measure.is_of_exchanges else ""
    few = isinstance(value, Scores) and value.count < FEW
    return Cell(said, words.beside(value, measure.unit), was, opens, few)
