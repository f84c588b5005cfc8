"""The part of a text that answers, with the answering words apart, so that a page can mark them."""

import re
from dataclasses import dataclass

from . import words

_WORD = re.compile(r"\w+")
_BEFORE, _LENGTH = 60, 220
_LOOKED_THROUGH = 20_000  # characters


@dataclass(frozen=True)
class Piece:
    text: str
    marked: bool


@dataclass(frozen=True)
class Passage:
    pieces: list[Piece]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def passage(text: str, title: str, wanted: list[frozenset[str]]) -> Passage:
    """Around the first answering word; the beginning when only the title answers."""
    text = text[:_LOOKED_THROUGH]
    hits = [m.span() for m in _WORD.finditer(text) if words.answers(m.group(), wanted)]
    if not hits and title:
        marked = [m.span() for m in _WORD.finditer(title) if words.answers(m.group(), wanted)]
        if marked:
            return Passage(_cut(title, 0, len(title), marked))
    first = hits[0][0] if hits else 0
    start = max(0, first - _BEFORE)
    if start:  # not in the middle of a word
        start = text.find(" ", start, first) + 1 or start
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1)
    pieces = _cut(text, start, end, hits)
    if start:
        pieces.insert(0, Piece("… ", False))
    if end < len(text):
        pieces.append(Piece(" …", False))
    return Passage(pieces)


def _cut(text: str, start: int, end: int, hits: list[tuple[int, int]]) -> list[Piece]:
    pieces = []
    at = start
    for first, last in hits:
        if first < start or last > end:
            continue
        if first > at:
            pieces.append(Piece(_line(text[at:first]), False))
        pieces.append(Piece(text[first:last], True))
        at = last
    if at < end:
        pieces.append(Piece(_line(text[at:end]), False))
    return pieces


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
