"""Which entries hold a term, and what that is worth to each: BM25F in flat arrays. No Django."""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfcare.search.synonyms import Group

# the terms of each entry, the field's weight, how much its length counts
Field = tuple[Sequence[Sequence[str]], float, float]


class Postings:
    """term → the entries that hold it, each with its share of the score."""

    def __init__(self, fields: Iterable[Field], size: int, k1: float) -> None:
        self.size = size
        self.numbers: dict[str, int] = {}
        self.rarest = log(1 + (size + 0.5) / 0.5)
        found = [self._count(*field) for field in fields]
        keys = np.concatenate([key for key, _value in found])
        values = np.concatenate([value for _key, value in found])
        pairs, same = np.unique(keys, return_inverse=True)  # fields add up before they saturate
        frequency = np.bincount(same, values, len(pairs))
        term, entry = np.divmod(pairs, max(size, 1))
        held = np.bincount(term, minlength=len(self.numbers))
        idf = np.log(1 + (size - held + 0.5) / (held + 0.5))
        self._idf: list[float] = idf.tolist()
        self._starts = np.concatenate([[0], np.cumsum(held)])
        self._entries = entry.astype(np.int32)
        shares = idf[term] * frequency * (k1 + 1) / (k1 + frequency)
        self._shares = shares.astype(np.float32)

    def _count(
        self, texts: Sequence[Sequence[str]], weight: float, b: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(term and entry in one number, how often weighed by the field's length) of one field."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        if not lengths.any():
            return np.empty(0, np.int64), np.empty(0)
        numbers = self.numbers
        said = np.fromiter(
            (numbers.setdefault(term, len(numbers)) for text in texts for term in text),
            np.int64,
            lengths.sum(),
        )
        entries = np.repeat(np.arange(self.size), lengths)
        keys, counts = np.unique(said * self.size + entries, return_counts=True)
        shrink = 1 - b + b * lengths / lengths.mean()
        return keys, weight * counts / shrink[keys % self.size]

    def __contains__(self, term: object) -> bool:
        return term in self.numbers

    def idf(self, term: str) -> float:
        """How much a term says; one that no entry has counts as the rarest."""
        number = self.numbers.get(term)
        return self.rarest if number is None else self._idf[number]

    def mass(self, terms: Iterable[str]) -> float:
        return sum(map(self.idf, terms))

    def score(
        self, terms: Mapping[str, float], groups: Iterable[Group] = ()
    ) -> NDArray[np.float64]:
        """The sum of the terms' shares, divided by what the query could reach: so that scores of
        different queries compare."""
        mass = sum(weight * self.idf(term) for term, weight in terms.items())
        rows = [(*self._of(term), weight) for term, weight in terms.items() if term in self]
        total: NDArray[Any] = np.zeros(self.size)
        if rows:
            entries = np.concatenate([entries for entries, _shares, _weight in rows])
            shares = np.concatenate([weight * shares for _entries, shares, weight in rows])
            total = np.bincount(entries, shares, self.size)
        for group in groups:
            weight, is_known = self._weight(group)
            mass += 0 if is_known or group.said <= terms.keys() else weight
            said = sum(map(self._spread, group.said), np.zeros(self.size))
            instead = group.worth * weight * self._instead(group)
            total += np.maximum(0, instead - said)
        return total / mass if mass else total

    def _of(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        number = self.numbers[term]
        row = slice(self._starts[number], self._starts[number + 1])
        return self._entries[row], self._shares[row]

    def _weight(self, group: Group) -> tuple[float, bool]:
        """Of what the query said, if an entry says that; else of the rarest that it meant."""
        said = self.mass(term for term in group.said if term in self)
        meant = (self.idf(term) for member in group.others for term in member if term in self)
        return (said, True) if said else (max(meant, default=0.0), False)

    def _instead(self, group: Group) -> NDArray[np.float64]:
        """How much each entry says one of the other members, a phrase by all its words; an entry
        that says the query's own words too gains nothing by it."""
        said = np.zeros(self.size)
        for member in group.others:
            if all(term in self for term in member):
                entries, share = self._said_whole(member)
                said[entries] = np.maximum(said[entries], share)
        return said

    def _said_whole(self, member: frozenset[str]) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The entries that hold a phrase's words, with how much they say the least of them."""
        first, *others = member
        entries, shares = self._of(first)
        least = shares / self.idf(first)
        for term in others:
            least = np.minimum(least, self._spread(term)[entries] / self.idf(term))
        return entries, least

    def _spread(self, term: str) -> NDArray[np.float64]:
        shares = np.zeros(self.size)
        if term in self:
            entries, share = self._of(term)
            shares[entries] = share
        return shares
