"""The nearest word that the articles know, for one that they do not. No Django."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST, _LONG = 3, 7  # letters of a word to come near; of one in which two may be wrong


class Speller:
    """Built from the words of the base and in how many entries each stands."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in known:
            if len(word) >= _SHORTEST:
                self._by_start[word[0], len(word)].append(word)
        self._starts = sorted({first for first, _length in self._by_start})

    def nearest(self, word: str) -> str | None:
        """With the same first letter if there is one; of equally near ones the most common."""
        furthest = 2 if len(word) >= _LONG else 1
        others = (first for first in self._starts if first != word[0])
        return self._among(word, word[0], furthest) or self._among(word, others, furthest)

    def _among(self, word: str, starts: Iterable[str], furthest: int) -> str | None:
        lengths = range(len(word) - furthest, len(word) + furthest + 1)
        choices = [w for s in starts for n in lengths for w in self._by_start.get((s, n), ())]
        near = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=furthest, limit=None
        )
        ordered = ((far, -self._known[other], other) for other, far, _place in near)
        return min(ordered, default=(0, 0, None))[2]
