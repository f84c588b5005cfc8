"""Random draws with the shapes the trade knows. Deterministic: every generator has a seed."""

from collections.abc import Mapping, Sequence
from math import exp, log
from random import Random
from typing import TypeVar

T = TypeVar("T")


def lognormal(rng: Random, median: float, sigma: float) -> float:
    return exp(rng.gauss(log(median), sigma))


def poisson(rng: Random, mean: float) -> int:
    """Knuth's for small means, a rounded normal for large ones."""
    if mean > 60:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def pick(rng: Random, weights: Mapping[T, float]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]


def pick_index(rng: Random, weights: Sequence[float]) -> int:
    return rng.choices(range(len(weights)), weights)[0]
