"""HEIC: what the photo says of itself lies in items beside the picture, found by a table of places.

They are overwritten where they lie: every other place in the file stays true. Which way up the
picture is, HEIC keeps with the picture."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_HEAD = 4  # version and flags of a "full" box
_XMP = b"application/rdf+xml"


class _Box(NamedTuple):
    name: bytes
    start: int  # of what is in it
    end: int


def blanked(content: bytes) -> bytes:
    """Raises struct.error, ValueError where it is not built as it should be."""
    meta = _find(content, b"meta", 0, len(content))
    start = meta.start + _HEAD
    gone = set(_described(content, _find(content, b"iinf", start, meta.end)))
    if not gone:
        return content
    made, left = bytearray(content), len(content)
    own = next((box.start for box in _boxes(content, start, meta.end) if box.name == b"idat"), 0)
    for item, method, at, size in _places(content, _find(content, b"iloc", start, meta.end)):
        if item not in gone:
            continue
        at += own if method == 1 else 0  # counted from the table's own data
        left -= size  # nobody has us overwrite a file a million times
        if method > 1 or not size or at + size > len(made) or left < 0:
            raise ValueError("a place that is none")
        made[at : at + size] = bytes(size)
    return bytes(made)


def _boxes(content: bytes, at: int, end: int) -> Iterator[_Box]:
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        size = size or end - at
        if size < head or at + size > end:
            raise ValueError("a torn box")
        yield _Box(name, at + head, at + size)
        at += size


def _find(content: bytes, name: bytes, at: int, end: int) -> _Box:
    found = next((box for box in _boxes(content, at, end) if box.name == name), None)
    if found is None:
        raise ValueError(f"no {name!r}")
    return found


def _described(content: bytes, table: _Box) -> Iterator[int]:
    """The items that are EXIF or XMP."""
    counted = 2 if content[table.start] == 0 else 4
    for box in _boxes(content, table.start + _HEAD + counted, table.end):
        wide = content[box.start] >= 3
        item, _protection, kind = struct.unpack_from(
            ">IH4s" if wide else ">HH4s", content, box.start + _HEAD
        )
        if kind == b"Exif" or (kind == b"mime" and _XMP in content[box.start : box.end]):
            yield item


def _places(content: bytes, table: _Box) -> Iterator[tuple[int, int, int, int]]:
    """(item, how it is counted, where, how long) of every piece of every item."""
    version, at = content[table.start], table.start + _HEAD
    sizes, more = content[at], content[at + 1]
    index = more & 15 if version else 0
    at += 2
    if not sizes & 15:
        raise ValueError("places without a length")

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > table.end:
            raise ValueError("a torn table")
        return int.from_bytes(content[at - size : at], "big")

    wide = 2 if version < 2 else 4
    for _item in range(number(wide)):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)  # in which file: this one
        base = number(more >> 4)
        for _piece in range(number(2)):
            number(index)
            where, length = number(sizes >> 4), number(sizes & 15)
            yield item, method, base + where, length
