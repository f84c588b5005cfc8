"""How sure an answer is: by its score beside the others', and by what of a short question it says
at all. No Django."""

from collections.abc import Callable, Collection, Iterable, Sequence
from math import exp, log

from selfcare.search.synonyms import Group

ANSWERED_FROM = 0.45
_SHORT = 3  # words of a question in which each of them counts
_SAID = 0.62  # of their weight, that the best text must say
_SAID_FIRST = 0.5  # and its title, keywords and learned questions alone

Weight = Callable[[str], float]


def confidence(scores: Sequence[float], terms: int) -> float:
    """Between 0 and 1, of the scores from the best down. Fitted on four public question sets."""
    if not scores:
        return 0.0
    fifth = scores[4] if len(scores) > 4 else 0.0
    margin = 1.79 * scores[0] + 0.72 * (scores[0] - fifth) + 1.54 * log(1 + terms) - 5.13
    return 1 / (1 + exp(-margin))


class Question:
    """The stems of a question, each with what may stand for it."""

    def __init__(
        self, stems: Iterable[str], groups: Iterable[Group], kin: Callable[[str], Iterable[str]]
    ) -> None:
        groups = list(groups)
        self._means: dict[str, list[frozenset[str]]] = {}
        for stem in stems:
            near = [frozenset([other]) for other in (stem, *kin(stem))]
            others = [other for group in groups if stem in group.said for other in group.others]
            self._means[stem] = [*near, *others]

    @property
    def is_short(self) -> bool:
        return 0 < len(self._means) <= _SHORT

    def is_about(self, first: Collection[str], text: Collection[str], weight: Weight) -> bool:
        """Whether a short question is what that article is about: `first` is what its title and
        keywords say, `text` all of it."""
        whole = self._share(text, weight)
        return whole >= _SAID and self._share(first, weight) >= _SAID_FIRST

    def _share(self, said: Collection[str], weight: Weight) -> float:
        mass = sum(map(weight, self._means))
        heard = (
            weight(stem)
            for stem, means in self._means.items()
            if any(all(part in said for part in one) for one in means)
        )
        return sum(heard) / mass if mass else 0.0
