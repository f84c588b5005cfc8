"""The figures of the reports, and by what they can be cut."""

from collections.abc import Callable
from typing import Any

_measures: dict[str, Any] = {}
_dimensions: dict[str, Any] = {}
_advisers: list[Callable[[Any], list[Any]]] = []


def register_measure(measure: Any) -> None:
    """A figure of the reports (a crm.reports.measures.Measure), by whose table it counts."""
    _measures[measure.name] = measure


def measures() -> dict[str, Any]:
    return dict(_measures)


def register_dimension(dimension: Any) -> None:
    """A way to cut the figures (a crm.reports.dimensions.Dimension), by whose table tells it."""
    _dimensions[dimension.name] = dimension


def dimensions() -> list[Any]:
    return list(_dimensions.values())


def dimension(name: str) -> Any:
    """Raises KeyError for one that nobody registered."""
    return _dimensions[name]


def register_adviser(adviser: Callable[[Any], list[Any]]) -> None:
    """What the figures of a Cut ask somebody to do: crm.reports.monday.Advice, or nothing."""
    _advisers.append(adviser)


def advisers() -> list[Callable[[Any], list[Any]]]:
    return list(_advisers)
