"""The figures of the reports."""

from typing import Any

_measures: dict[str, Any] = {}


def register_measure(measure: Any) -> None:
    """A figure of the reports (a crm.reports.measures.Measure), by whose table it counts."""
    _measures[measure.name] = measure


def measures() -> dict[str, Any]:
    return dict(_measures)
