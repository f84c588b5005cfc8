"""Header lines as senders write them: encoded words, parameters, addresses, dates. Pure.

Everything runs in time linear in its input and takes whatever comes."""

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tickets.mail import charset

VALUE_LIMIT = 20_000  # of one header line that we read
ADDRESS_LIMIT = 200  # per line
_WORD = re.compile(
    r"=\?([\w.:-]{1,60})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\s]{0,5000}|[^?\n]{0,400})\?="
)
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(?==\?[\w.:-]{1,60}\?[bBqQ]\?)")
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_ID = re.compile(r"<([^<>\s]{1,480})>")
_BARE_ID = re.compile(r"[^<>\s,]{1,240}@[^<>\s,]{1,240}")
_ADDRESS = re.compile(r"[^\s<>@\"(),:;]{1,128}@[^\s<>@\"(),:;]{1,190}")


class Address(NamedTuple):
    name: str
    email: str


class Headers:
    """The head of one entity: raw lines by lower-case name, in their order."""

    def __init__(self, lines: list[tuple[str, bytes]]) -> None:
        self.lines = lines
        self._first: dict[str, bytes] = {}
        for name, value in lines:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def count(self, name: str) -> int:
        return sum(1 for line, _value in self.lines if line == name)

    def raw(self, name: str) -> str:
        """The first line of that name, unfolded, 8-bit bytes read, encoded words left alone."""
        value = self._first.get(name)
        return _unfolded(value) if value else ""

    def text(self, name: str) -> str:
        """The first line of that name as a person reads it: one line, no control characters."""
        return one_line(words(self.raw(name)))

    def addresses(self, name: str) -> list[Address]:
        found: list[Address] = []
        for line, value in self.lines:
            if line == name and len(found) < ADDRESS_LIMIT:
                found += addresses(_unfolded(value))
        return found[:ADDRESS_LIMIT]

    def ids(self, name: str) -> list[str]:
        """Message-IDs without their brackets, in order, the last 100."""
        raw = self.raw(name)
        return (_ID.findall(raw) or _BARE_ID.findall(raw))[-100:]


def _unfolded(value: bytes) -> str:
    return _FOLD.sub(" ", charset.decode(value[:VALUE_LIMIT])).strip()


def one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def words(value: str) -> str:
    """RFC 2047 encoded words read; adjacent ones of one charset are joined as bytes first,
    because senders cut characters in two."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1", value)
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for match in _WORD.finditer(value):
        if match.start() > position:
            out += _flush(pending)
            pending = None
            out.append(value[position : match.start()])
        name, data = match[1].lower(), _word_bytes(match[2], match[3])
        if pending and pending[0] == name:
            pending = (name, pending[1] + data)
        else:
            out += _flush(pending)
            pending = (name, data)
        position = match.end()
    out += _flush(pending)
    out.append(value[position:])
    return "".join(out)


def _flush(pending: tuple[str, bytes] | None) -> list[str]:
    return [charset.decode(pending[1], pending[0])] if pending else []


def _word_bytes(how: str, data: str) -> bytes:
    raw = data.encode("utf-8", "replace")
    if how in "qQ":
        return binascii.a2b_qp(raw.replace(b"_", b" "))
    return loose_base64(raw)


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


_PIECES_LIMIT = 1_000
_AFTER_PADDING = re.compile(rb"=[^\n]*")


def loose_base64(data: bytes) -> bytes:
    """What can be read of base64: foreign characters, missing padding and a cut end are borne.
    What follows the padding on its line is no part of it; a line below may begin another piece."""
    if 0 < data.count(b"=") <= _PIECES_LIMIT:
        return b"".join(map(_unpadded, _AFTER_PADDING.split(data)))
    return _unpadded(data)


def _unpadded(data: bytes) -> bytes:
    kept = data.translate(None, _NOT_BASE64)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="x"; name*0*=…` → ("text/plain", {"charset": "x", "name": …})."""
    pieces = _split(value[:VALUE_LIMIT], ";")
    main = pieces[0].strip().lower() if pieces else ""
    plain: dict[str, str] = {}
    parts: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in pieces[1:100]:
        key, equals, text = piece.partition("=")
        key = key.strip().lower()
        if not equals or not key:
            continue
        text = _unquote(text.strip())
        if "*" in key:
            name, _star, rest = key.partition("*")
            number = rest.strip("*")
            order = int(number) if number.isdecimal() and len(number) < 4 else 0
            parts.setdefault(name, []).append((order, rest.endswith("*") or rest == "", text))
        else:
            plain.setdefault(key, words(text))
    return main, {**plain, **{name: _joined(found) for name, found in parts.items()}}


def _joined(found: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: pieces in order; the first of the encoded ones names the charset."""
    found.sort(key=lambda piece: piece[0])
    name = ""
    data = b""
    for index, (_order, encoded, text) in enumerate(found):
        if encoded:
            if index == 0 and text.count("'") >= 2:
                name, _language, text = text.split("'", 2)
            data += unquote_to_bytes(text)
        else:
            data += text.encode("utf-8", "replace")
    return charset.decode(data, name)


def _unquote(text: str) -> str:
    if text.startswith('"'):
        text = text[1:]
        end = text.rfind('"')
        text = text[:end] if end >= 0 else text
        if "\\" in text:
            text = re.sub(r"\\([\\\"])", r"\1", text)
    return text


_MARKS = re.compile(r"""\\.|[",;<>()]""", re.DOTALL)
_PAIRS = {"(": 1, ")": -1}


def _split(text: str, separator: str) -> list[str]:
    """Cut at a separator outside quotes, angle brackets and comments."""
    pieces, start, quoted, angle, depth = [], 0, False, False, 0
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark == '"':
            quoted = not quoted and not depth
        elif quoted:
            continue
        elif mark in _PAIRS:
            depth = max(0, depth + _PAIRS[mark])
        elif mark in "<>":
            angle = mark == "<" and not depth
        elif mark == separator and not (depth or angle):
            pieces.append(text[start : match.start()])
            start = match.end()
    pieces.append(text[start:])
    return pieces


def addresses(text: str) -> list[Address]:
    """Every mailbox of an address line; groups are opened, what has no address is dropped."""
    found = []
    pieces = [piece for group in _split(text, ";") for piece in _split(group, ",")]
    for piece in pieces:
        if (address := _address(piece)) is not None:
            found.append(address)
        if len(found) >= ADDRESS_LIMIT:
            break
    return found


def _address(piece: str) -> Address | None:
    before, bracket, rest = piece.rpartition("<")
    inside = rest.partition(">")[0] if bracket else piece
    match = _ADDRESS.search(inside) or _ADDRESS.search(words(inside))
    if match is None:
        match = _ADDRESS.search(piece)
        if match is None:
            return None
        before = ""
    email = match[0].strip(".'").lower()
    name = before if bracket else _comment(piece)
    name = one_line(words(_unquote(name.strip())))
    return Address(name.strip("\"' ")[:200], email[:320])


def _comment(piece: str) -> str:
    """`ada@x.test (Ada Lenoir)`: the old way to give a name."""
    _before, bracket, rest = piece.partition("(")
    return rest.rpartition(")")[0] if bracket else ""


def date(value: str) -> datetime | None:
    """The Date line as an aware moment, or None when it is no date."""
    try:
        moment = parsedate_to_datetime(value[:200])
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
