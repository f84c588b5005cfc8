"""The kernel's own measures in words; docs/figures.md is made of them. What they count stands in
`figures`, `solution`, `people`, `complaints` and `said`."""

from crm import registry
from crm.reports import dimensions

from . import people, said, solution, times, volumes


def register() -> None:
    dimensions.register()
    for topic in (volumes, times, solution, people, said):
        for measure in topic.MEASURES:
            registry.register_measure(measure)
