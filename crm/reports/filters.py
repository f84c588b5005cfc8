"""What a page of figures can be narrowed to, as its form shows it."""

from dataclasses import dataclass

from crm import registry
from crm.reports.cut import Cut
from crm.reports.dimensions import NONE, Dimension

ALWAYS = ("channel", "queue", "place")  # the others fold away until one is chosen


@dataclass(frozen=True)
class Filter:
    """One select of the form."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]

    @property
    def chosen(self) -> str:
        """In words; "" when it narrows nothing."""
        return dict(self.choices).get(self.value, "")

    @property
    def always(self) -> bool:
        return self.name in ALWAYS


def every(cut: Cut) -> list[Filter]:
    return [_filter(one, cut) for one in registry.dimensions() if one.name != "state"]


def _filter(dimension: Dimension, cut: Cut) -> Filter:
    known = dimension.choices()
    choices = [(str(key), str(label)) for key, label in known.items()]
    choices.append((NONE, dimension.label_of(None, known)))
    value = cut.where.get(dimension.name, "")
    return Filter(dimension.name, str(dimension.label), value, choices)
