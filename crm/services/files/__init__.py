"""Files that people send each other: known by their content, stored by it, given out by links that
soon expire."""

from .kinds import NAMES, PICTURES, SHOWN, kind_of
from .links import LINK_SECONDS, link, opened
from .saying import MOST_BYTES, Refused, file_of, files_of, say
from .storing import keep

__all__ = [
    "LINK_SECONDS",
    "MOST_BYTES",
    "NAMES",
    "PICTURES",
    "SHOWN",
    "Refused",
    "file_of",
    "files_of",
    "keep",
    "kind_of",
    "link",
    "opened",
    "say",
]
