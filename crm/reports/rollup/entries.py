"""Rows of one figure, counted: how many have which key and which value. Pure.

A key is all dimensions in one number (`carried.py`); a value is what the figure's reading makes its
distribution of: seconds of a time, the step of an answer, whether a row of a share is so."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

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
        order = np.lexsort((self.value, key, self.day))
        day, key, value = self.day[order], key[order], self.value[order]
        new = np.ones(len(key), bool)
        new[1:] = (day[1:] != day[:-1]) | (key[1:] != key[:-1]) | (value[1:] != value[:-1])
        first = np.flatnonzero(new)
        return Entries(
            day[first],
            key[first],
            value[first],
            np.add.reduceat(self.n[order], first),
            np.add.reduceat(self.total[order], first),
        )

    def pack(self) -> bytes:
        """Without the day: that is the block's."""
        thin = not self.total.any()
        columns = [
            self.key.astype("<i8").tobytes(),
            self.value.astype("<i4").tobytes(),
            self.n.astype("<i4").tobytes(),
            b"" if thin else self.total.astype("<i8").tobytes(),
        ]
        return bytes([thin]) + zlib.compress(b"".join(columns), 1)


def unpack(block: bytes, day: int) -> Entries:
    thin, data = block[0], zlib.decompress(block[1:])
    size = len(data) // (16 if thin else 24)
    wide = np.int64
    return Entries(
        np.full(size, day, wide),
        np.frombuffer(data, "<i8", size),
        np.frombuffer(data, "<i4", size, 8 * size).astype(wide),
        np.frombuffer(data, "<i4", size, 12 * size).astype(wide),
        np.zeros(size, wide) if thin else np.frombuffer(data, "<i8", size, 16 * size),
    )


def joined(parts: Sequence[Entries]) -> Entries:
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(part.columns for part in parts), strict=True)
    return Entries(*map(np.concatenate, columns)) if parts else NOTHING


_NONE = np.zeros(0, np.int64)
NOTHING = Entries(_NONE, _NONE, _NONE, _NONE, _NONE)
