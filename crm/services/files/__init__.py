"""Files that people send each other: known by their content, stored by it, given out by links that
soon expire."""

from .checking import MOST_BYTES, Checked, Refused, check
from .kinds import NAMES, PICTURES, SHOWN, kind_of
from .links import LINK_SECONDS, link, opened
from .saying import all_of, file_of, files_of, say
from .scanning import before as scan_now
from .scanning import later as scan_later
from .scanning import settle
from .scanning import sweep as scan_waiting
from .storing import keep, row_of
from .stripping import without_place

__all__ = [
    "LINK_SECONDS",
    "MOST_BYTES",
    "NAMES",
    "PICTURES",
    "SHOWN",
    "Checked",
    "Refused",
    "all_of",
    "check",
    "file_of",
    "files_of",
    "keep",
    "kind_of",
    "link",
    "opened",
    "row_of",
    "say",
    "scan_later",
    "scan_now",
    "scan_waiting",
    "settle",
    "without_place",
]
