"""The index of one language's articles: BM25F over words, title trigrams, spelling, confidence.

No Django and no database: built from plain entries, asked with plain text. The constants were
tuned on four public question sets; docs/decisions.md says how."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from crm.text import words as folded
from selfcare.search import certainty, words
from selfcare.search.families import Families
from selfcare.search.passages import Passages
from selfcare.search.postings import Postings
from selfcare.search.spelling import Speller
from selfcare.search.synonyms import Group, Meant, Synonyms

# field: (weight, how much its length counts)
_FIELDS = {"title": (5.0, 0.3), "body": (1.0, 0.75), "keywords": (2.0, 0.75)}
_K1 = 2.0
_GRAM_K1, _GRAM_B, _GRAM_WEIGHT = 1.2, 0.5, 0.5
_LEARNED_GRAM_WEIGHT = 0.3  # of a learned question's trigrams beside the title's
MOST_LEARNED = 10  # questions per entry: more gained nothing
_MISSPELT_WEIGHT = 0.8
_NOT_OURS = 0.3  # at most as sure, where something is named that nobody here looks after
_AS_TYPED = 0.15  # for a title that goes on, or holds, the query word by word
_LOOKED_AT = 20  # of the best, for that
_KIN_WORTH = 0.5  # of what the word itself would be
_CLOSE = 0.5  # for a title that says what the query says, and no more
_COMPARED = 5  # of the best, for that
_TOGETHER = 0.2  # for a text that says all of it within a sentence or two


@dataclass(frozen=True)
class Entry:
    """One article as the index reads it."""

    key: int
    title: str
    body: str = ""
    keywords: Sequence[str] = ()
    audience: int = 0  # 0 everybody, 1 signed-in customers, 2 staff
    learned: Sequence[str] = ()  # questions it is known to answer, best proven first


@dataclass(frozen=True)
class Found:
    """What the index says to one query: keys with scores, best first."""

    hits: list[tuple[int, float]]
    confidence: float

    @property
    def answered(self) -> bool:
        return self.confidence >= certainty.ANSWERED_FROM


class Index:
    """Built once, asked by many threads, never changed."""

    def __init__(
        self,
        entries: Iterable[Entry],
        language: str,
        synonyms: Iterable[Sequence[str]] = (),
        others: Iterable[str] = (),  # words of what is not ours, unless an entry says them
    ) -> None:
        self.language = language
        self.entries = list(entries)
        self.size = len(self.entries)
        self.keys = [entry.key for entry in self.entries]
        self.audience = np.array([entry.audience for entry in self.entries], np.int8)
        self._synonyms = Synonyms(synonyms, language)
        self._others = frozenset(others)
        self._build()

    def _build(self) -> None:
        stems: dict[str, list[list[str]]] = {name: [] for name in _FIELDS}
        grams: list[list[str]] = []
        learned_grams: list[list[str]] = []
        known: Counter[str] = Counter()  # unstemmed word → in how many entries
        for entry in self.entries:
            learned = " ".join(entry.learned[:MOST_LEARNED])
            texts = {
                "title": entry.title,
                "body": entry.body,
                "keywords": " ".join([*entry.keywords, learned]),
            }
            found = {name: words.content(text, self.language) for name, text in texts.items()}
            known.update(set(chain(*found.values())))
            for name, text in found.items():
                stems[name].append([words.stem(word, self.language) for word in text])
            grams.append(words.trigrams(found["title"]))
            learned_grams.append(words.trigrams(words.content(learned, self.language)))
        fields = [(stems[name], *settings) for name, settings in _FIELDS.items()]
        self._words = Postings(fields, self.size, _K1)
        self._grams = Postings(
            [(grams, 1.0, _GRAM_B), (learned_grams, _LEARNED_GRAM_WEIGHT, _GRAM_B)],
            self.size,
            _GRAM_K1,
        )
        self._titles = [f" {' '.join(folded(entry.title))} " for entry in self.entries]
        self._families = Families(self._words.numbers)
        self._passages = Passages(stems["body"], self._words.numbers)
        self._speller = Speller(known)

    def ask(self, text: str, limit: int = 10, audience: int = 0) -> Found:
        """The best entries that `audience` may read, and how sure we are of them."""
        asked = list(dict.fromkeys(words.asked(text, self.language)))
        if not asked or not self.size:
            return Found([], 0.0)
        meant = self._synonyms.meant(text)
        corrected = [self._corrected(word) for word in asked if self._counts(word, meant.said)]
        terms: dict[str, float] = {}
        for word, weight in corrected:
            stem = words.stem(word, self.language)
            terms[stem] = max(weight, terms.get(stem, 0))
        grams = dict.fromkeys(words.trigrams([word for word, _weight in corrected]), 1.0)
        scores = self._words.score(terms, [*meant.groups, *self._kin(terms)])
        scores += _GRAM_WEIGHT * self._grams.score(grams)
        # hidden ones leave before the best are taken, so that they leave no gap either
        scores[self.audience > audience] = 0
        line = " ".join(folded(text))
        best = self._as_typed(line, self._best(scores, max(limit, _LOOKED_AT)))
        sure = certainty.confidence([score for _at, score in best], len(terms) or len(meant.groups))
        best = self._closest(line, set(terms), self._together(terms, best))
        if any(self._is_of_others(word) for word in asked) or not self._is_about(
            asked, meant, best
        ):
            sure = min(sure, _NOT_OURS)
        return Found([(self.keys[at], score) for at, score in best[:limit]], sure)

    def _is_about(self, asked: Iterable[str], meant: Meant, best: list[tuple[int, float]]) -> bool:
        """A short question says nothing by the way: an answer that leaves out half of it ("esim
        watch") answers something else."""
        passing = words.passing(self.language)
        said = (
            word if word in meant.said else self._corrected(word)[0]
            for word in asked
            if word not in passing and (len(word) > 2 or self.knows(word))
        )
        stems = {words.stem(word, self.language) for word in said}
        question = certainty.Question(stems, meant.groups, self._families.of)
        if not best or not question.is_short:
            return True
        entry = self.entries[best[0][0]]
        first = self._stems(" ".join([entry.title, *entry.keywords, *entry.learned]))
        return question.is_about(first, first | self._stems(entry.body), self._words.idf)

    def _stems(self, text: str) -> set[str]:
        found = words.content(text, self.language)
        return {words.stem(word, self.language) for word in found}

    def _kin(self, terms: Iterable[str]) -> list[Group]:
        """Words of the same family stand in for the query's own, below synonyms."""
        families = ((term, self._families.of(term)) for term in terms)
        return [
            Group(frozenset([term]), frozenset(frozenset([other]) for other in kin), _KIN_WORTH)
            for term, kin in families
            if kin
        ]

    def _together(
        self, terms: Iterable[str], best: list[tuple[int, float]]
    ) -> list[tuple[int, float]]:
        """A text that says in one place what is asked stands before one that has the words here
        and there."""
        numbers = self._words.numbers
        weights = {numbers[term]: self._words.idf(term) for term in terms if term in numbers}
        mass = self._words.mass(terms) or 1.0
        first = best[:_LOOKED_AT]
        found = self._passages.best([at for at, _score in first], weights)
        lifted = [
            (at, score + _TOGETHER * weight / mass)
            for (at, score), weight in zip(first, found, strict=True)
        ]
        return sorted(lifted, key=lambda found: (-found[1], found[0])) + best[_LOOKED_AT:]

    def _as_typed(self, line: str, best: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """A title that goes on as typed, or holds the words in their order, stands before one that
        has them somewhere: what is half typed has no other sign."""
        lifted = [
            (at, score * (1 + _AS_TYPED) if self._says(line, at) else score) for at, score in best
        ]
        return sorted(lifted, key=lambda found: (-found[1], found[0]))

    def _says(self, line: str, at: int) -> bool:
        """Word by word, the last one perhaps half."""
        return " " in line and f" {line}" in self._titles[at]

    def _closest(
        self, line: str, terms: set[str], best: list[tuple[int, float]]
    ) -> list[tuple[int, float]]:
        """Among the first few, a title that has little beside the query's words stands before one
        that has them too: BM25 asks only how much of the query a title says."""
        nearer = [
            (at, score * (1 + _CLOSE * (self._says(line, at) or self._in_common(terms, at))))
            for at, score in best[:_COMPARED]
        ]
        return sorted(nearer, key=lambda found: (-found[1], found[0])) + best[_COMPARED:]

    def _in_common(self, terms: set[str], at: int) -> float:
        """Of the weight of query and title together, what both say."""
        title = self._stems(self.entries[at].title)
        mass = self._words.mass
        one_of_them = mass(terms) + mass(title)
        return 2 * mass(terms & title) / one_of_them if one_of_them else 0.0

    def _best(self, scores: NDArray[np.float64], count: int) -> list[tuple[int, float]]:
        if self.size > count:
            places = np.argpartition(-scores, count - 1)[:count]
        else:
            places = np.arange(self.size)
        ordered = sorted(places, key=lambda at: (-scores[at], at))
        return [(int(at), float(scores[at])) for at in ordered if scores[at] > 0]

    def _corrected(self, word: str) -> tuple[str, float]:
        """The nearest word of the base for one that it does not know, at a discount."""
        if len(word) < 4 or word.isdigit() or self.knows(word) or word in self._others:
            return word, 1.0
        near = self._speller.nearest(word)
        return (near, _MISSPELT_WEIGHT) if near else (word, 1.0)

    def _counts(self, word: str, said: set[str]) -> bool:
        """Not what a synonym says already, nor one or two letters that no entry has."""
        return self.knows(word) or (word not in said and len(word) > 2)

    def _is_of_others(self, word: str) -> bool:
        return word in self._others and not self.knows(word)

    def knows(self, word: str) -> bool:
        return words.stem(word, self.language) in self._words
