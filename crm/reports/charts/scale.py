"""Numbers to pixels, and the ticks a person would choose. Pure."""

from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True)
class Scale:
    """Maps values low..high to pixels from..to."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        span = (self.high - self.low) or 1
        return self.start + (value - self.low) / span * (self.stop - self.start)


def px(value: float) -> str:
    """A coordinate with a decimal point in every language."""
    return f"{value:.1f}"


def ticks(high: float, about: int = 4, *, whole: bool = False, unit: float = 1) -> list[float]:
    """0 and round steps of `unit` (60 for minutes) up to at least `high`; `whole` for counts."""
    if unit != 1:
        return [unit * mark for mark in ticks(high / unit, about, whole=whole)]
    if high <= 0:
        return [0, 1]
    raw = high / about
    power = 10 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    if whole:
        step = max(1, ceil(step))
    return [step * n for n in range(ceil(high / step) + 1)]
