"""Folding and sort keys: how words compare, the same in Python and in SQL. No Django."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o",
                            "Ø": "o", "ł": "l", "Ł": "l", "’": "'", "ʼ": "'"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Lower case without accents, ligatures or curly apostrophes: "Œuvre d’Été" → "oeuvre d'ete"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The folded words of a text, punctuation dropped."""
    return [word for word in _NOT_WORD.split(fold(text)) if word]


def sort_key(text: str) -> str:
    """Folded words with single blanks: what names are sorted and prefix-matched by."""
    return " ".join(words(text))


def excerpt(text: str, length: int = 120) -> str:
    """One line of at most `length` characters, for lists and notifications."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
