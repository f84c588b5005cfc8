"""Editors' words that mean the same, as the index reads them. No Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm.text import words as folded
from selfcare.search import words


@dataclass(frozen=True)
class Group:
    """A member that a query says, and what it could have said instead; stems."""

    said: frozenset[str]
    others: frozenset[frozenset[str]]  # each a word, or the words of a phrase
    worth: float = 0.7  # of what the query's own word would be


@dataclass
class Meant:
    """What a query says in other words."""

    groups: list[Group] = field(default_factory=list)
    said: set[str] = field(default_factory=set)  # the query's own words that belong to one


class Synonyms:
    """Groups of words and phrases; each member stands for all the others."""

    def __init__(self, groups: Iterable[Sequence[str]], language: str) -> None:
        self._language = language
        self._groups = [
            [tuple(folded(str(member))) for member in group if folded(str(member))]
            for group in groups
        ]
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, group in enumerate(self._groups):
            for member in group:
                self._by_first.setdefault(self._stem(member[0]), []).append((member, number))

    def _stem(self, word: str) -> str:
        return words.stem(word, self._language)

    def meant(self, text: str) -> Meant:
        """Singular and plural meet; a phrase counts when its words follow one another."""
        found = Meant()
        if not self._groups:
            return found
        asked = folded(text)
        stems = [self._stem(word) for word in asked]
        for at, stem in enumerate(stems):
            for member, number in self._by_first.get(stem, []):
                wanted = [self._stem(word) for word in member]
                if stems[at : at + len(wanted)] == wanted:
                    found.said.update(asked[at : at + len(wanted)])
                    others = self._others(number, frozenset(wanted))
                    if others:
                        found.groups.append(Group(frozenset(wanted), others))
        return found

    def _others(self, number: int, but: frozenset[str]) -> frozenset[frozenset[str]]:
        members = (
            frozenset(self._stem(word) for word in words.content(" ".join(member), self._language))
            for member in self._groups[number]
        )
        return frozenset(member for member in members if member and not member & but)
