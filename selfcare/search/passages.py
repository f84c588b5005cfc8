"""How close together a text says what is asked. No Django."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

_WINDOW = 15  # words that carry meaning: a sentence or two


class Passages:
    """The words of each entry's text in their order, as numbers of the postings."""

    def __init__(self, texts: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> None:
        self._words = len(numbers)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        said = (numbers[word] for text in texts for word in text)
        self._said = np.fromiter(said, np.int32, lengths.sum())

    def best(self, entries: Iterable[int], weights: Mapping[int, float]) -> Iterator[float]:
        """For each entry the weight of what stands in its best passage; a word counts once."""
        is_asked = np.zeros(self._words, bool)
        is_asked[list(weights)] = True
        for at in entries:
            text = self._said[self._starts[at] : self._starts[at + 1]]
            places = np.flatnonzero(is_asked[text])
            yield _heaviest(places.tolist(), text[places].tolist(), weights)


def _heaviest(places: list[int], said: list[int], weights: Mapping[int, float]) -> float:
    heaviest = 0.0
    last = 0
    for first, begins in enumerate(places):
        while last < len(places) and places[last] - begins < _WINDOW:
            last += 1
        heaviest = max(heaviest, sum(weights[word] for word in set(said[first:last])))
        if last == len(places):
            break  # what begins later holds no more
    return heaviest
