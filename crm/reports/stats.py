"""Intervals, so that nobody reads more into a figure than it holds. Pure functions."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt

import numpy as np

_Z = 1.959964  # 95 % of a normal law
FEW = 30  # answers below which a figure is grey: no trend, no ranking


def wilson(successes: int, answers: int) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927), 0..1; None without answers."""
    if answers <= 0:
        return None
    share = successes / answers
    spread = _Z * sqrt(share * (1 - share) / answers + _Z**2 / (4 * answers**2))
    centre = share + _Z**2 / (2 * answers)
    scale = 1 + _Z**2 / answers
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float] | None:
    """Difference of two shares with its 95 % interval (Newcombe 1998, method 10, from Wilson's).

    Each side is (successes, answers). None when a side has no answers."""
    first, second = wilson(*one), wilson(*other)
    if first is None or second is None:
        return None
    p1, p2 = one[0] / one[1], other[0] / other[1]
    low = p1 - p2 - sqrt((p1 - first[0]) ** 2 + (second[1] - p2) ** 2)
    high = p1 - p2 + sqrt((first[1] - p1) ** 2 + (p2 - second[0]) ** 2)
    return p1 - p2, low, high


def mean(counts: Mapping[float, int] | Mapping[int, int]) -> float | None:
    """Of values with how often each came."""
    number = sum(counts.values())
    return sum(value * n for value, n in counts.items()) / number if number else None


def bootstrap(
    counts: Mapping[float, int] | Mapping[int, int],
) -> tuple[float, float] | None:
    """95 % interval of that mean (Efron 1979, percentiles of 2,000 draws; the same every time)."""
    known = tuple(sorted((float(value), n) for value, n in counts.items() if n))
    return _bootstrap(known) if known else None


@lru_cache(maxsize=2048)
def _bootstrap(known: tuple[tuple[float, int], ...]) -> tuple[float, float]:
    values = np.array([value for value, _n in known])
    numbers = np.array([n for _value, n in known])
    total = int(numbers.sum())
    draws = np.random.default_rng(1979).multinomial(total, numbers / total, size=2000)
    low, high = np.percentile(draws @ values / total, [2.5, 97.5])
    return float(low), float(high)


Counted = tuple[int, int]  # successes, answers


def alike(strata: Sequence[tuple[Counted, Counted]]) -> tuple[float, float, float]:
    """Difference of two shares with its 95 % interval, both sides weighted to the strata's common
    mix. Each stratum is smoothed (Agresti and Caffo 2000), so that three answers of three are not
    certainty. Every side of every stratum has answers."""
    total = sum(one[1] + other[1] for one, other in strata)
    gap = spread = 0.0
    for one, other in strata:
        weight = (one[1] + other[1]) / total
        gap += weight * (one[0] / one[1] - other[0] / other[1])
        for successes, answers in (one, other):
            share = (successes + 1) / (answers + 2)
            spread += weight**2 * share * (1 - share) / (answers + 2)
    margin = _Z * sqrt(spread)
    return gap, max(-1.0, gap - margin), min(1.0, gap + margin)
