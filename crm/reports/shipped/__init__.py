"""The kernel's own measures in words; docs/figures.md is made of them. What they count stands in
`figures`, `solution`, `people` and `complaints`."""

from crm import registry
from crm.reports import dimensions

from . import people, solution, times, volumes


def register() -> None:
    dimensions.register()
    for measure in [*volumes.MEASURES, *times.MEASURES, *solution.MEASURES, *people.MEASURES]:
        registry.register_measure(measure)
