"""What a cell may hold: nothing that a spreadsheet would run."""

from typing import Any

# a cell that begins so is a formula to a spreadsheet; an apostrophe makes it a text again
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(value: Any) -> str:
    """For a file that somebody opens in a spreadsheet."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(value: Any) -> str:
    """As it was meant: guards taken off again, a number without its ".0"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\x00", "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
