"""Rows of one figure, counted: how many have which key and which value. Pure.

A key is all dimensions in one number (`carried.py`); a value is what the figure's reading makes its
distribution of: seconds of a time, the step of an answer, whether a row of a share is so."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
ALL = -1  # every bit of a key


@dataclass(frozen=True)
class Entries:
    """Columns of one length; `day` is a number of the reader's own."""

    day: Numbers
    key: Numbers
    value: Numbers
    n: Numbers
    total: Numbers  # what the values' mean is made of, exactly: microseconds, cents

    def where(self, kept: NDArray[np.bool_]) -> "Entries":
        return Entries(*(column[kept] for column in self.columns))

    @property
    def columns(self) -> tuple[Numbers, ...]:
        return (self.day, self.key, self.value, self.n, self.total)

    def reduced(self, mask: int = ALL) -> "Entries":
        """The same rows under the bits of `mask` only, each key and value once, in order."""
        if not len(self.key):
            return self
        key = self.key & mask
        order, new = _in_order(self.day, key, self.value)
        first = np.flatnonzero(new)
        at = order[first]
        return Entries(
            self.day[at],
            key[at],
            self.value[at],
            np.add.reduceat(self.n[order], first),
            np.add.reduceat(self.total[order], first) if self.total.any() else self.total[at],
        )

    def pack(self) -> bytes:
        """Without the day: that is the block's. Each column in the fewest bytes that hold it, keys
        by their place among the different ones, a sum by what its rounded values leave of it:
        reading is mostly unpacking, and that takes as long as there are bytes."""
        keys, place = np.unique(self.key, return_inverse=True)
        columns = [_narrow(column) for column in (place, self.value, self.n)]
        if self.total.any():
            columns.append(_narrow(self.total - self.n * self.value * MICROS))
        sizes = [column.itemsize for column in columns] + [0] * (4 - len(columns))
        data = b"".join(column.tobytes() for column in (keys.astype("<i8"), *columns))
        return _HEAD.pack(len(keys), len(place), *sizes) + zlib.compress(data, 1)


def _in_order(*columns: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """How they are sorted, by the first column first; and which of them, so sorted, are new."""
    lows = [int(column.min()) for column in columns]
    spans = [int(column.max()) - low + 1 for column, low in zip(columns, lows, strict=True)]
    if prod(spans) < 1 << 62:  # one number tells them: a third of the time
        one = np.zeros(len(columns[0]), np.int64)
        for column, low, span in zip(columns, lows, spans, strict=True):
            one = one * span + (column - low)
        columns = (one,)
        order = np.argsort(one, kind="stable")
    else:
        order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    new[:1] = True
    for column in columns:
        placed = column[order]
        new[1:] |= placed[1:] != placed[:-1]
    return order, new


MICROS = 1_000_000
_HEAD = struct.Struct("<IIBBBB")  # how many keys and rows, and of the columns how many bytes each


def _narrow(column: Numbers) -> NDArray[Any]:
    most = int(np.abs(column).max(initial=0))
    size = next((size for size in (1, 2, 4) if most < 1 << (8 * size - 1)), 8)
    return column.astype(f"<i{size}")


def unpack(block: bytes, day: int) -> Entries:
    different, rows, *sizes = _HEAD.unpack_from(block)
    data, at = zlib.decompress(block[_HEAD.size :]), 0
    columns: list[Numbers] = []
    for many, size in zip((different, rows, rows, rows, rows), (8, *sizes), strict=True):
        if many and size:
            columns.append(np.frombuffer(data, f"<i{size}", many, at).astype(np.int64))
            at += many * size
        else:
            columns.append(np.zeros(many, np.int64))
    keys, place, value, n, total = columns
    if sizes[-1]:
        total += n * value * MICROS
    return Entries(np.full(rows, day, np.int64), keys[place], value, n, total)


def joined(parts: Sequence[Entries]) -> Entries:
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(part.columns for part in parts), strict=True)
    return Entries(*map(np.concatenate, columns)) if parts else NOTHING


_NONE = np.zeros(0, np.int64)
NOTHING = Entries(_NONE, _NONE, _NONE, _NONE, _NONE)
