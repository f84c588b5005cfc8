"""What every format of articles is read as: the objects of the JSON Lines."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Row = tuple[str, dict[str, Any]]  # where it stands, for whoever must mend it; and what it says
LISTS = {"keywords", "related"}
_BETWEEN = re.compile(r"\s*[|;\n]\s*")


class BadFile(ValueError):
    """A place that is no article; `str()` says which and why."""


@dataclass(frozen=True)
class Kept:
    """A picture or document that comes along, to live at the address its article names."""

    key: UUID
    name: str
    content: bytes


def decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if name.endswith(".csv"):  # what older spreadsheets write
            return content.decode("cp1252", "replace")
        raise BadFile(f"{name}: not UTF-8 ({error.reason} at byte {error.start})") from error


def typed(given: dict[str, str]) -> dict[str, Any]:
    """Fields that came as words: lists with | or ; between, yes and no."""
    data: dict[str, Any] = dict(given)
    for name in LISTS & data.keys():
        data[name] = [word for word in _BETWEEN.split(given[name].strip()) if word]
    if "is_published" in data:
        data["is_published"] = given["is_published"].strip().lower() in ("1", "true", "yes", "oui")
    return data
