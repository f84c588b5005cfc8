"""One measured value beside its reference."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`reference` names what `value` is held against in the same run: the bare limit, a peer."""

    value: float
    unit: str
    reference: str
    reference_value: float

    def as_dict(self) -> dict[str, object]:
        ratio = self.value / self.reference_value if self.reference_value else None
        return {
            "value": _short(self.value),
            "unit": self.unit,
            "reference": self.reference,
            "reference_value": _short(self.reference_value),
            "ratio": None if ratio is None else _short(ratio),
        }


def _short(number: float) -> float:
    return float(f"{number:.4g}")
