"""The index of one language's articles: BM25F over words, title trigrams, spelling, confidence.

No Django and no database: built from plain entries, asked with plain text. The constants were
tuned on four public question sets; docs/decisions.md says how."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from crm.text import words as folded
from selfcare.search import words
from selfcare.search.synonyms import Group, Synonyms

# field: (weight, how much its length counts)
_FIELDS = {"title": (5.0, 0.3), "body": (1.0, 0.75), "keywords": (2.0, 0.75)}
_K1 = 2.0
_GRAM_K1, _GRAM_B, _GRAM_WEIGHT = 1.2, 0.5, 0.5
_LEARNED_GRAM_WEIGHT = 0.3  # of a learned question's trigrams beside the title's
MOST_LEARNED = 10  # questions per entry: more gained nothing
_MISSPELT_WEIGHT = 0.8
_ANSWERED_FROM = 0.45
_AS_TYPED = 0.15  # for a title that goes on, or holds, the query word by word
_LOOKED_AT = 20  # of the best, for that
_SYNONYM_WEIGHT = 0.7
_CLOSE = 0.5  # for a title that says what the query says, and no more
_COMPARED = 5  # of the best, for that


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
        return self.confidence >= _ANSWERED_FROM


@dataclass
class _Postings:
    """term → the entries that hold it, each with its share of the score."""

    rows: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = field(default_factory=dict)
    idf: dict[str, float] = field(default_factory=dict)
    rarest: float = 0.0

    def fill(self, term_frequencies: dict[str, dict[int, float]], size: int, k1: float) -> None:
        self.rarest = log(1 + (size + 0.5) / 0.5)
        for term, of in term_frequencies.items():
            idf = log(1 + (size - len(of) + 0.5) / (len(of) + 0.5))
            frequency = np.fromiter(of.values(), np.float32, len(of))
            share = idf * frequency * (k1 + 1) / (k1 + frequency)
            self.rows[term] = (np.fromiter(of.keys(), np.int32, len(of)), share)
            self.idf[term] = idf

    def score(
        self, terms: dict[str, float], size: int, groups: Iterable[Group] = ()
    ) -> NDArray[np.float32]:
        """The sum of the terms' shares, divided by what the query could reach: so that scores of
        different queries compare."""
        total = np.zeros(size, np.float32)
        mass = 0.0
        for term, weight in terms.items():
            mass += weight * self.idf.get(term, self.rarest)
            if term in self.rows:
                entries, share = self.rows[term]
                total[entries] += weight * share
        for group in groups:
            weight, is_known = self._weight(group)
            mass += 0 if is_known else weight
            said = sum((self._shares(term, size) for term in group.said), np.zeros(size))
            total += np.maximum(0, _SYNONYM_WEIGHT * weight * self._instead(group, size) - said)
        return total / mass if mass else total

    def _weight(self, group: Group) -> tuple[float, bool]:
        """Of what the query said, if an entry says that; else of the rarest that it meant."""
        said = sum(self.idf[term] for term in group.said if term in self.idf)
        meant = (self.idf.get(term, 0.0) for member in group.others for term in member)
        return (said, True) if said else (max(meant, default=0.0), False)

    def _instead(self, group: Group, size: int) -> NDArray[np.float64]:
        """How much each entry says one of the other members, a phrase by all its words; an entry
        that says the query's own words too gains nothing by it."""
        said = np.zeros(size)
        for member in group.others:
            if member <= self.idf.keys():
                shares = [self._shares(term, size) / self.idf[term] for term in member]
                said = np.maximum(said, np.minimum.reduce(shares))
        return said

    def _shares(self, term: str, size: int) -> NDArray[np.float32]:
        shares = np.zeros(size, np.float32)
        if term in self.rows:
            entries, share = self.rows[term]
            shares[entries] = share
        return shares


class Index:
    """Built once, asked by many threads, never changed."""

    def __init__(
        self,
        entries: Iterable[Entry],
        language: str,
        synonyms: Iterable[Sequence[str]] = (),
    ) -> None:
        self.language = language
        self.entries = list(entries)
        self.size = len(self.entries)
        self.keys = [entry.key for entry in self.entries]
        self.audience = np.array([entry.audience for entry in self.entries], np.int8)
        self._words = _Postings()
        self._grams = _Postings()
        self._known: dict[str, int] = {}  # unstemmed word → in how many entries
        self._synonyms = Synonyms(synonyms, language)
        self._build()

    def _build(self) -> None:
        asked = [entry.learned[:MOST_LEARNED] for entry in self.entries]
        texts = {
            "title": [words.content(entry.title, self.language) for entry in self.entries],
            "body": [words.content(entry.body, self.language) for entry in self.entries],
            "keywords": [
                words.content(" ".join([*entry.keywords, *learned]), self.language)
                for entry, learned in zip(self.entries, asked, strict=True)
            ],
        }
        frequencies: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for name, (weight, b) in _FIELDS.items():
            self._add_field(frequencies, texts[name], weight, b)
        self._titles = [f" {' '.join(folded(entry.title))} " for entry in self.entries]
        self._words.fill(frequencies, self.size, _K1)
        grams: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._add_lists(grams, [words.trigrams(title) for title in texts["title"]], 1.0, _GRAM_B)
        said = [words.content(" ".join(learned), self.language) for learned in asked]
        learned_grams = [words.trigrams(found) for found in said]
        self._add_lists(grams, learned_grams, _LEARNED_GRAM_WEIGHT, _GRAM_B)
        self._grams.fill(grams, self.size, _GRAM_K1)
        known: Counter[str] = Counter()
        for title, body, keywords in zip(*texts.values(), strict=True):
            known.update({*title, *body, *keywords})
        self._known = dict(known)
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in self._known:
            if len(word) >= 3:
                self._by_first[word[0]].append(word)
        self._long = [word for word in self._known if len(word) >= 3]

    def _add_field(
        self,
        frequencies: dict[str, dict[int, float]],
        texts: list[list[str]],
        weight: float,
        b: float,
    ) -> None:
        stems = [[words.stem(word, self.language) for word in text] for text in texts]
        self._add_lists(frequencies, stems, weight, b)

    def _add_lists(
        self,
        frequencies: dict[str, dict[int, float]],
        lists: list[list[str]],
        weight: float,
        b: float,
    ) -> None:
        mean = sum(map(len, lists)) / len(lists) if lists else 0
        if not mean:
            return
        for at, terms in enumerate(lists):
            shrink = 1 - b + b * len(terms) / mean
            for term, count in Counter(terms).items():
                frequencies[term][at] += weight * count / shrink

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
        scores = self._words.score(terms, self.size, meant.groups)
        scores += _GRAM_WEIGHT * self._grams.score(grams, self.size)
        # hidden ones leave before the best are taken, so that they leave no gap either
        scores[self.audience > audience] = 0
        line = " ".join(folded(text))
        best = self._as_typed(line, self._best(scores, max(limit, _LOOKED_AT)))
        sure = _confidence([score for _at, score in best], len(terms) or len(meant.groups))
        best = self._closest(line, set(terms), best)
        return Found([(self.keys[at], score) for at, score in best[:limit]], sure)

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
        found = words.content(self.entries[at].title, self.language)
        title = {words.stem(word, self.language) for word in found}
        both, one_of_them = self._mass(terms & title), self._mass(terms) + self._mass(title)
        return 2 * both / one_of_them if one_of_them else 0.0

    def _mass(self, terms: set[str]) -> float:
        return sum(self._words.idf.get(term, self._words.rarest) for term in terms)

    def _best(self, scores: NDArray[np.float32], count: int) -> list[tuple[int, float]]:
        if self.size > count:
            places = np.argpartition(-scores, count - 1)[:count]
        else:
            places = np.arange(self.size)
        ordered = sorted(places, key=lambda at: (-scores[at], at))
        return [(int(at), float(scores[at])) for at in ordered if scores[at] > 0]

    def _corrected(self, word: str) -> tuple[str, float]:
        """The nearest word of the base for one that it does not know, at a discount."""
        if len(word) < 4 or word.isdigit() or self.knows(word):
            return word, 1.0
        furthest = 2 if len(word) >= 7 else 1
        near = self._nearest(word, self._by_first.get(word[0], []), furthest)
        near = near or self._nearest(word, self._long, furthest)
        return (near, _MISSPELT_WEIGHT) if near else (word, 1.0)

    def _counts(self, word: str, said: set[str]) -> bool:
        """Not what a synonym says already, nor one or two letters that no entry has."""
        return self.knows(word) or (word not in said and len(word) > 2)

    def knows(self, word: str) -> bool:
        return words.stem(word, self.language) in self._words.idf

    def _nearest(self, word: str, among: list[str], furthest: int) -> str | None:
        best: tuple[int, int, str] | None = None
        for other in among:
            if abs(len(other) - len(word)) > furthest:
                continue
            distance = OSA.distance(word, other, score_cutoff=furthest)
            if distance <= furthest:
                candidate = (distance, -self._known[other], other)
                best = candidate if best is None else min(best, candidate)
        return best[2] if best else None


def _confidence(scores: list[float], terms: int) -> float:
    if not scores:
        return 0.0
    fifth = scores[4] if len(scores) > 4 else 0.0
    margin = 1.79 * scores[0] + 0.72 * (scores[0] - fifth) + 1.54 * log(1 + terms) - 5.13
    return 1 / (1 + exp(-margin))
