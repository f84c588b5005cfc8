"""winmail.dat: what Outlook packs a letter's files and text into (MS-OXTNEF). Pure.

Reads what it can and stops at the first thing that makes no sense: nothing raises, and no more is
taken out than the bytes hold."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.mail import charset

SIGNATURE = b"\x78\x9f\x3e\x22"
FILES_LIMIT = 200
_CODE_PAGE, _BODY, _LETTER = 0x00069007, 0x0002800C, 0x00069003
_FILE_BEGINS, _FILE_BYTES, _FILE_TITLE, _FILE_MORE = 0x00069002, 0x0006800F, 0x00018010, 0x00069005
# properties: the letter's text and HTML; a file's long name, type and content id
_TEXT, _HTML, _LONG_NAME, _KIND, _CONTENT_ID = 0x1000, 0x1013, 0x3707, 0x370E, 0x3712
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_STRING, _WIDE, _OBJECT, _BYTES = 0x1E, 0x1F, 0x0D, 0x102
_PROPERTIES_LIMIT = 5_000


@dataclass(slots=True)
class Packed:
    name: str = ""
    content_type: str = "application/octet-stream"
    content_id: str = ""
    bytes: bytes = b""


@dataclass(slots=True)
class Pack:
    files: list[Packed] = field(default_factory=list)
    text: str = ""
    html: str = ""


def unpack(data: bytes) -> Pack:
    """Empty when it is no such pack."""
    pack = Pack()
    if data[:4] != SIGNATURE:
        return pack
    code_page = "cp1252"
    for number, value in _attributes(data):
        if number == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{struct.unpack_from('<I', value)[0]}"
        elif number == _BODY:
            pack.text = _string(value, code_page)
        elif number == _LETTER:
            _read_letter(pack, value, code_page)
        elif number == _FILE_BEGINS and len(pack.files) < FILES_LIMIT:
            pack.files.append(Packed())
        elif pack.files:
            _read_file(pack.files[-1], number, value, code_page)
    pack.files = [file for file in pack.files if file.bytes]
    return pack


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        _level, number, length = struct.unpack_from("<BII", data, at)
        end = at + 9 + length
        if end > len(data):
            return
        yield number, data[at + 9 : end]
        at = end + 2  # a checksum follows


def _read_letter(pack: Pack, value: bytes, code_page: str) -> None:
    for number, kind, content in _properties(value):
        if number == _TEXT:
            pack.text = pack.text or _text(kind, content, code_page)
        elif number == _HTML:
            pack.html = _text(kind, content, code_page)


def _read_file(file: Packed, number: int, value: bytes, code_page: str) -> None:
    if number == _FILE_BYTES:
        file.bytes = value
    elif number == _FILE_TITLE:
        file.name = file.name or _string(value, code_page)
    elif number == _FILE_MORE:
        for each, kind, content in _properties(value):
            if each == _LONG_NAME:
                file.name = _text(kind, content, code_page)
            elif each == _KIND:
                file.content_type = _text(kind, content, code_page).lower() or file.content_type
            elif each == _CONTENT_ID:
                file.content_id = _text(kind, content, code_page).strip("<> ")


def _text(kind: int, content: bytes, code_page: str) -> str:
    return _string(content, "utf-16-le" if kind == _WIDE else code_page)


def _string(content: bytes, name: str) -> str:
    return charset.decode(content, name).strip("\0")


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(number, type, first value) of each; ends at what cannot be read."""
    try:
        yield from _read_properties(value)
    except struct.error:
        return


def _read_properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    (count,) = struct.unpack_from("<I", value)
    at = 4
    for _each in range(min(count, _PROPERTIES_LIMIT)):
        kind, number = struct.unpack_from("<HH", value, at)
        at += 4
        if number >= 0x8000:
            at = _after_name(value, at)
        base = kind & 0x0FFF
        if base in _FIXED and not kind & 0x1000:
            yield number, base, value[at : at + _FIXED[base]]
            at += _FIXED[base]
            continue
        if base not in {_STRING, _WIDE, _OBJECT, _BYTES}:
            return
        (values,) = struct.unpack_from("<I", value, at)
        at += 4
        for index in range(min(values, _PROPERTIES_LIMIT)):
            (length,) = struct.unpack_from("<I", value, at)
            at += 4
            if index == 0:
                yield number, base, value[at : at + length]
            at += length + -length % 4


def _after_name(value: bytes, at: int) -> int:
    """Properties with a name of their own: a GUID, and a number or a string."""
    (by_string,) = struct.unpack_from("<I", value, at + 16)
    (length,) = struct.unpack_from("<I", value, at + 20)
    return at + 24 + (length + -length % 4 if by_string else 0)
