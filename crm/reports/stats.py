"""Intervals, so that nobody reads more into a figure than it holds. Pure functions."""

from math import sqrt

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
