"""What a photo says beside the picture: where and with what it was taken. It does not go on."""

import struct
import zlib

from crm.services.files import heif

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_GONE = {b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"}
_WEBP_GONE = {b"EXIF", b"XMP "}
_ORIENTATION = 0x0112
_EXIF = b"Exif\x00\x00"


def without_place(kind: str, content: bytes) -> bytes:
    """The same picture without EXIF, XMP and comments; which way up it is stays. Whatever is not
    built as its kind should be stays as it is, and so do kinds that are no photos."""
    strip = {
        "image/jpeg": _jpeg,
        "image/png": _png,
        "image/webp": _webp,
        "image/heic": heif.blanked,
    }.get(kind)
    try:
        return strip(content) if strip else content
    except (struct.error, IndexError, ValueError):
        return content


def _jpeg(content: bytes) -> bytes:
    """Segments up to the picture's own data; APP1 (EXIF, XMP), APP13 (IPTC) and comments go."""
    kept, at = [content[:2]], 2
    while content[at] == 0xFF and content[at + 1] != 0xDA:
        marker, (size,) = content[at + 1], struct.unpack_from(">H", content, at + 2)
        end = at + 2 + size
        if end > len(content) or size < 2:
            raise ValueError("a torn segment")
        segment = content[at:end]
        if marker == 0xE1 and segment[4:10] == _EXIF:
            kept.append(_upright(segment[10:]))
        elif marker not in (0xE1, 0xED, 0xFE):
            kept.append(segment)
        at = end
    return b"".join(kept) + content[at:]


def _upright(tiff: bytes) -> bytes:
    """An EXIF segment that says nothing but which way up the picture is; empty when it is."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(min(count, 200)):
        tag, _type, _many, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + number * 12)
        if tag == _ORIENTATION and 1 < value <= 8:
            body = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, value, 0, 0)
            return b"\xff\xe1" + struct.pack(">H", len(_EXIF + body) + 2) + _EXIF + body
    return b""


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + size]
        if len(chunk) != 12 + size or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise ValueError("a torn chunk")
        if name not in _PNG_GONE:
            kept.append(chunk)
        at += 12 + size
    return b"".join(kept)


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        end = at + 8 + size + size % 2
        if name == b"VP8X":  # its flags promise what is gone
            flags = content[at + 8] & ~0b1100
            kept.append(content[at : at + 8] + bytes([flags]) + content[at + 9 : end])
        elif name not in _WEBP_GONE:
            kept.append(content[at:end])
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
