"""What a half-typed question may become: titles, forgiving accents, order and typing errors."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from crm.text import words

_EXACT, _BEGINNING, _MISTYPED = 1.0, 0.9, 0.6
_SHARE_OF_WORDS = 0.6  # of what was typed must be in a title; "ma" or "mon" may differ


@dataclass(frozen=True)
class Completion:
    title: str
    slug: str  # empty: a question that others asked, not an article
    audience: int = 0  # who may read it: 0 everybody, 1 signed-in customers, 2 staff


class Titles:
    """The titles of one language, by word."""

    def __init__(self, titles: Sequence[Completion]) -> None:
        self._titles = list(titles)
        self._folded = [" ".join(words(one.title)) for one in titles]
        self._holding: dict[str, set[int]] = defaultdict(set)
        for at, folded in enumerate(self._folded):
            for word in folded.split():
                self._holding[word].add(at)
        self._vocabulary = sorted(self._holding)

    def complete(self, typed: str, limit: int, audience: int = 0) -> list[Completion]:
        asked = words(typed)
        if not asked or sum(map(len, asked)) < 2:
            return []
        # a blank after the last word says that it is finished
        open_ended = not typed[-1:].isspace()
        points: dict[int, float] = defaultdict(float)
        for place, word in enumerate(asked):
            half_typed = open_ended and place == len(asked) - 1
            for at, weight in self._holders(word, half_typed).items():
                points[at] += weight * len(word)
        enough = _SHARE_OF_WORDS * sum(map(len, asked))
        line = " ".join(asked)
        ranked = sorted(
            (-points[at] - self._order(at, line, asked), len(self._folded[at]), at)
            for at in points
            if points[at] >= enough and self._titles[at].audience <= audience
        )
        return [self._titles[at] for _points, _length, at in ranked[:limit]]

    def _order(self, at: int, line: str, asked: list[str]) -> float:
        """A title that begins, or goes on, as typed stands before one that merely has the words."""
        folded = self._folded[at]
        if folded.startswith(line):
            return 2.0 * len(line)
        if line in folded:
            return 1.0 * len(line)
        return 0.5 if folded.startswith(asked[0]) else 0.0

    def _holders(self, word: str, half_typed: bool) -> dict[int, float]:
        """Entries that hold this word, with how well it fits."""
        found: dict[int, float] = {}
        for known, weight in self._matches(word, half_typed):
            for at in self._holding[known]:
                found[at] = max(weight, found.get(at, 0.0))
        return found

    def _matches(self, word: str, half_typed: bool) -> list[tuple[str, float]]:
        # singular and plural meet: a finished word may still lack its ending
        found = [
            (known, _EXACT if known == word else _BEGINNING)
            for known in self._vocabulary
            if known == word
            or (known.startswith(word) and (half_typed or len(known) - len(word) <= 2))
        ]
        if found or len(word) < 4:
            return found
        furthest = 2 if len(word) >= 7 else 1
        return [
            (known, _MISTYPED + 0.2 / (1 + distance))
            for known in self._vocabulary
            if (distance := self._distance(word, known, half_typed, furthest)) <= furthest
        ]

    @staticmethod
    def _distance(word: str, known: str, half_typed: bool, furthest: int) -> int:
        distance = OSA.distance(word, known, score_cutoff=furthest)
        if half_typed and len(known) > len(word):
            for length in (len(word) - 1, len(word), len(word) + 1):
                cut = OSA.distance(word, known[:length], score_cutoff=furthest)
                distance = min(distance, cut)
        return distance
