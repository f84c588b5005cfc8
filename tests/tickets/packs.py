"""A winmail.dat as Outlook makes one: a letter's text, and a file with its long name and type."""

import struct


def winmail(files: int = 1) -> bytes:
    page = _attribute(0x00069007, struct.pack("<II", 1252, 0))
    text = _attribute(0x0002800C, "Voir la pièce.\0".encode("cp1252"))
    file = (
        _attribute(0x00069002, b"\1\0" + bytes(12))
        + _attribute(0x00018010, b"ETE~1.TXT\0")
        + _attribute(0x0006800F, b"bytes")
        + _attribute(0x00069005, _properties())
    )
    return struct.pack("<IH", 0x223E9F78, 1) + page + text + file * files


def _attribute(number: int, value: bytes) -> bytes:
    checksum = struct.pack("<H", sum(value) & 0xFFFF)
    return struct.pack("<BII", 1, number, len(value)) + value + checksum


def _properties() -> bytes:
    """A number, a long name, a named property, and a type."""
    guid = bytes(16)
    return (
        struct.pack("<I", 4)
        + struct.pack("<HHI", 3, 0x0E20, 5)
        + _string(0x1F, 0x3707, "Été.txt\0".encode("utf-16-le"))
        + struct.pack("<HH", 0x1E, 0x8001) + guid + struct.pack("<II", 0, 7) + _value(b"own\0")
        + _string(0x1E, 0x370E, b"text/plain\0")
    )  # fmt: skip


def _string(kind: int, number: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, number) + _value(value)


def _value(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
