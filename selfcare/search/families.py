"""Stems of one family ("vaccin", "vaccinat"): a stemmer keeps them apart, a reader does not.
No Django."""

from collections import defaultdict
from collections.abc import Iterable

_BEGINNING = 4  # letters that all of a family share
_ENDING = 4  # letters that one of them may have beyond what is shared
_SURE = 6  # shared letters from which the shorter one may end differently, by one letter


class Families:
    """The stems of a base, by how they begin."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._by_beginning: dict[str, list[str]] = defaultdict(list)
        for stem in stems:
            if len(stem) >= _BEGINNING and not stem.isdigit():
                self._by_beginning[stem[:_BEGINNING]].append(stem)

    def of(self, stem: str) -> list[str]:
        """The base's other stems of the same family."""
        beginning = self._by_beginning.get(stem[:_BEGINNING], [])
        return [other for other in beginning if other != stem and _are_kin(stem, other)]


def _are_kin(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if not longer.startswith(shorter):
        shorter = shorter[:-1]
        if len(shorter) < _SURE or not longer.startswith(shorter):
            return False
    return len(longer) - len(shorter) <= _ENDING
