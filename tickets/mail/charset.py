"""Bytes to text, whatever the mail says about itself. Pure."""

import codecs
import re

# What mails call UTF-8's neighbours, and what they mean: as browsers do, the larger sets of the
# same family, because senders use the extra characters without saying so.
_MEANT = {
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-windows-949": "cp949",
    "ansi_x3.110-1983": "cp1252",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-cn": "gb18030",
}
# codecs that are no charsets, or cost more than they decode
_NO_CHARSET = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_ESCAPED_JAPANESE = re.compile(rb"\x1b\$[@B]|\x1b\(J")


def codec(name: str) -> str | None:
    """Python's name for a declared charset, or None when there is no such charset."""
    wanted = name.strip().strip("\"'").lower()[:40]
    wanted = _ALIASES.get(wanted, wanted)
    try:
        info = codecs.lookup(wanted)
    except (LookupError, ValueError, UnicodeError):
        return None
    if not info._is_text_encoding or info.name in _NO_CHARSET:
        return None
    return _MEANT.get(info.name, info.name)


def decode(data: bytes, declared: str = "") -> str:
    """Declared charset, else UTF-8, else Windows-1252; never raises, never keeps what a database
    refuses (NUL, lone surrogates)."""
    return clean(_decode(data, codec(declared) if declared else None))


def clean(text: str) -> str:
    if text.isascii() and "\x00" not in text:  # most of what mails are made of
        return text
    return _FORBIDDEN.sub("", text)


def _decode(data: bytes, name: str | None) -> str:
    if data[:3] == codecs.BOM_UTF8:
        return data[3:].decode("utf-8", "replace")
    if name is None and b"\x1b" in data and _ESCAPED_JAPANESE.search(data[:2000]):
        name = "iso2022_jp_ext"
    # UTF-8 is tried first for the single-byte families: text that is valid UTF-8 by chance is
    # rare, a wrong "iso-8859-1" on UTF-8 text is not
    for candidate in _candidates(name):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    return data.decode(name or "cp1252", "replace")


def _candidates(name: str | None) -> tuple[str, ...]:
    if name is None or name in {"utf-8", "cp1252"}:
        return ("utf-8", "cp1252")
    return (name,)
