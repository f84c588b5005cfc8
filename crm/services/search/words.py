"""Lexemes: folded by crm/text.py, without grammar, as stems of French or English.

Made here and not by the server's dictionaries, so that what is stored, what is asked and what is
marked in the passage are the same words, with any locale of the server."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs

from crm.text import words as folded_words

_LANGUAGES = {"fr": "french", "en": "english"}
_MOST_WORDS = 2_000  # of one message: a mail that quotes a book is found by its first pages
_LONGEST = 40
# no word of any text begins so: the stretches of time in which it was said (see `stretches`)
_TIME = "~"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
STRETCHES = (1, 4, 16, 64, 256, 1024)  # days

_GRAMMAR = frozenset(
    folded_words(
        """a à au aux avec c ça ce ces cette d dans de des du elle elles en est et eux il ils j je
        l la le les leur lui m ma mais me mes moi mon n ne nos notre nous on ou où par pas pour qu
        que qui s sa sans se ses son sont sur t ta te tes toi ton tu un une vos votre vous y
        am an and are as at be been but by do for from had has have he her his i if in into is it
        its my of or our she so than that the their them there they this to was we were will with
        you your"""
    )
)


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    # a Stemmer is not safe between threads; it is cheap, and the cache makes it rare
    return str(Stemmer.Stemmer(_LANGUAGES[language], 0).stemWord(word))


def language_of(code: str) -> str:
    return "en" if code.startswith("en") else "fr"


def stretches(at: datetime) -> list[str]:
    """The day, the four days, … in which this moment lies, as lexemes."""
    return [_stretch(day_of(at), length) for length in STRETCHES]


def _stretch(day: int, length: int) -> str:
    return f"{_TIME}{length}.{day // length}"


def vector(text: str, title: str, language: str, said_at: datetime) -> str:
    """A tsvector as its literal: stems with their places (the title's weigh more), and when."""
    places: dict[str, list[str]] = {}
    position = 0
    for source, weight in ((title, "A"), (text, "")):
        for word in folded_words(source)[:_MOST_WORDS]:
            position += 1
            if word in _GRAMMAR or len(word) > _LONGEST:
                continue
            places.setdefault(stem(word, language_of(language)), []).append(f"{position}{weight}")
    lexemes = [f"'{lexeme}':{','.join(at[:50])}" for lexeme, at in places.items()]
    return " ".join([*lexemes, *(f"'{when}'" for when in stretches(said_at))])


def asked(term: str) -> list[frozenset[str]]:
    """Per word of the question the stems that answer it, in either language; grammar left out."""
    found = [word for word in folded_words(term)[:12] if word not in _GRAMMAR]
    return [frozenset(stem(word, language) for language in _LANGUAGES) for word in found]


def query(wanted: list[frozenset[str]]) -> str:
    """Every word, each in one of its stems, as a tsquery's literal."""
    return " & ".join(_any(stems) for stems in wanted)


def day_of(at: datetime) -> int:
    return (at - _EPOCH).days


def midnight(day: int) -> datetime:
    return _EPOCH + timedelta(days=day)


def said_between(first: int, end: int) -> tuple[str, int]:
    """From a day, or one a little before, to another: as part of a tsquery, and from which day.
    A few stretches of one length: the index weighs each of them for each message."""
    length = max(n for n in STRETCHES if n <= end - first)
    first -= first % length
    return _any(_stretch(day, length) for day in range(first, end, length)), first


def _any(lexemes: Iterable[str]) -> str:
    return "(" + "|".join(f"'{lexeme}'" for lexeme in sorted(lexemes)) + ")"


@lru_cache(maxsize=50_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(stem(part, code) for part in folded_words(word) for code in _LANGUAGES)


def answers(word: str, wanted: list[frozenset[str]]) -> bool:
    """Does this word, as it stands in a text, answer one of the question's?"""
    stems = _stems(word)
    return any(not stems.isdisjoint(one) for one in wanted)
