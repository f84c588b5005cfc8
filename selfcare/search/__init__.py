"""The help search: `search(text, language, limit)` and `complete(prefix, language)`; `ask` answers
with keys alone, and `elsewhere` in the language of the question when it is not the page's.

Each process holds one index per language in memory. A stamp in the database, looked at no more than
once a second, says when an article changed; then one thread builds anew while the others still
answer from the old index. Good to about 5,000 articles (a second to build)."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass

from crm.text import plain
from crm.text import words as fold_words
from selfcare.models import Audience, Lesson, SearchStamp, Synonyms, Translation
from selfcare.search import usual, words
from selfcare.search.completion import Completion, Titles
from selfcare.search.engine import Entry, Found, Index

__all__ = [
    "Completion",
    "Results",
    "ask",
    "complete",
    "elsewhere",
    "forget",
    "index",
    "language_of",
    "read",
    "search",
]

_LOOK_EVERY = 1.0  # seconds of real time
_ASKED_BY = 3  # visits before a question completes what others type
_LONGEST = 300  # characters of a query that are read
_WORTH = 0.35  # of the best one's score: below, an article only shares a word or two


@dataclass(frozen=True)
class Results:
    """What was found: `answered` False means "perhaps" at best, so offer people first."""

    answered: bool
    hits: list[tuple[Translation, float]]


@dataclass
class _Held:
    stamp: str
    looked_at: float
    index: Index
    titles: Titles


_held: dict[str, _Held] = {}
_building = {"fr": threading.Lock(), "en": threading.Lock()}


def ask(
    text: str, language: str, limit: int = 10, *, audience: Audience = Audience.EVERYBODY
) -> Found:
    """Keys of translations with their scores, from memory alone."""
    return index(language).ask(text[:_LONGEST], limit, audience)


def elsewhere(
    text: str, page: str, limit: int = 10, *, audience: Audience = Audience.EVERYBODY
) -> tuple[str, Found] | None:
    """What answers a question that is clearly not in the page's language, and in which it is."""
    spoken = language_of(text, page)
    found = ask(text, spoken, limit, audience=audience) if spoken != page else None
    return (spoken, found) if found and found.answered else None


def search(
    text: str, language: str, limit: int = 10, *, audience: Audience = Audience.EVERYBODY
) -> Results:
    """The articles that answer, of those that the audience may read."""
    return read(ask(text, language, limit, audience=audience), audience)


def read(found: Found, audience: Audience) -> Results:
    """The articles that `ask` found; of a sure answer, without what is far behind the best."""
    # asked again of the database: the index may be a second old
    rows = Translation.objects.readable(audience)
    rows = rows.select_related("article__category", "article__subject")
    by_key = rows.in_bulk([key for key, _score in found.hits])
    least = _WORTH * found.hits[0][1] if found.answered else 0.0
    hits = [(by_key[key], score) for key, score in found.hits if key in by_key and score >= least]
    return Results(found.answered and bool(hits), hits)


def complete(
    prefix: str, language: str, limit: int = 6, *, audience: Audience = Audience.EVERYBODY
) -> list[Completion]:
    """Titles that what was typed so far may become; from memory alone."""
    held = _present(language)
    return held.titles.complete(prefix[:_LONGEST], limit, audience)


def language_of(text: str, page: str) -> str:
    """The language that a question is asked in, when its words say so clearly; else the page's."""
    asked = fold_words(text[:_LONGEST])
    known = {
        code: sum(word in words.grammar(code) or index(code).knows(word) for word in asked)
        for code in ("fr", "en")
    }
    other = "en" if page == "fr" else "fr"
    return other if known[other] >= known[page] + max(1, len(asked) // 3) else page


def index(language: str) -> Index:
    return _present(language).index


def forget() -> None:
    """The next question waits for what the database holds now, and is not answered from before."""
    _held.clear()


def _present(language: str) -> _Held:
    held = _held.get(language)
    if held and time.monotonic() - held.looked_at < _LOOK_EVERY:
        return held
    lock = _building[language]
    # nobody waits for a build as long as there is an index to answer from
    if not lock.acquire(blocking=held is None):
        return held or _present(language)
    try:
        stamp = SearchStamp.objects.values_list("stamp", flat=True).first() or ""
        held = _held.get(language)
        if held is None or held.stamp != stamp:
            _held[language] = held = _build(language, stamp)
        held.looked_at = time.monotonic()
        return held
    finally:
        lock.release()


def _build(language: str, stamp: str) -> _Held:
    rows = list(
        Translation.objects.published()
        .in_language(language)
        .in_order()
        .values_list("pk", "title", "slug", "body", "keywords", "article__visibility")
    )
    lessons = _lessons(language)
    entries = [
        Entry(
            pk,
            title,
            plain(body),
            keywords,
            Audience.of(visibility),
            [question for question, _count in lessons[pk]],
        )
        for pk, title, _slug, body, keywords, visibility in rows
    ]
    titles = [Completion(row[1], row[2], Audience.of(row[5])) for row in rows]
    titles += _questions(entries, lessons, language)
    index = Index(entries, language, _synonyms(language), usual.others())
    return _Held(stamp, time.monotonic(), index, Titles(titles))


def _questions(
    entries: list[Entry], lessons: dict[int, list[tuple[str, int]]], language: str
) -> list[Completion]:
    """What many asked, in words that the articles say themselves: no name can be among them."""
    asked = {
        question: entry.audience
        for entry in entries
        for question, count in lessons[entry.key]
        if count >= _ASKED_BY
    }
    if not asked:
        return []
    said = set(words.grammar(language))
    for entry in entries:
        said.update(fold_words(" ".join([entry.title, entry.body, *entry.keywords])))
    titles = {" ".join(fold_words(entry.title)) for entry in entries}
    return [
        Completion(question, "", audience)
        for question, audience in asked.items()
        if said.issuperset(spoken := fold_words(question)) and " ".join(spoken) not in titles
    ]


def _lessons(language: str) -> dict[int, list[tuple[str, int]]]:
    """What people asked who found that article useful, most proven first."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    rows = Lesson.objects.proven().filter(translation__language=language)
    for text, question, count in rows.values_list("translation", "words", "proof_count"):
        found[text].append((question, count))
    return found


def _synonyms(language: str) -> list[list[str]]:
    kept = Synonyms.objects.filter(language=language).values_list("words", flat=True)
    return [*usual.groups(language), *kept]
