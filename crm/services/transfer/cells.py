"""What a cell holds: in a file, to a spreadsheet, and as we take it in."""

import re
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# a cell that begins so is a formula to a spreadsheet; an apostrophe makes it a text again
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-\d+(\.\d+)?")


def guarded(value: Any) -> str:
    """For a CSV that somebody opens in a spreadsheet: nothing that it would run."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # moments too
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def typed(value: Any) -> bool | float | date | str | None:
    """For a workbook: what is a number, a day or a truth is one there; all else is text, whatever
    it begins with."""
    if isinstance(value, datetime):  # workbooks know no zones
        return timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return str(ILLEGAL_CHARACTERS_RE.sub("", str(value))) or None


def plain(value: Any) -> str:
    """As it was meant: guards taken off again, a number without its ".0", a day without its
    midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value.isoformat(" ", "minutes")
    text = str(value).replace("\x00", "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
