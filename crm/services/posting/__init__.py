"""The only writer of Message.

`post` says one thing in the caller's transaction; `post_many` stores the lines of live channels,
many in one statement; `STORE_TOLD` is the part of another's statement that tells an event. All
number every visible change per interaction and audience without gaps, so that a screen that was
away asks for what followed its last number (`frames_after`).
"""

from .alone import post_slowly
from .batch import post_many, store
from .blanking import blank, drop_files
from .frames import CUSTOMER, STAFF, Audience, catch_up, frames_after, iso, picture_url, serialise
from .lines import Answer, Line, Posted, Refused
from .moving import move, settle_times
from .own import change_own
from .single import delete, edit, mark_read, post, redraw
from .telling import STORE_TOLD, told
from .texts import MAX_LENGTH, BadText, clean

__all__ = [
    "CUSTOMER",
    "MAX_LENGTH",
    "STAFF",
    "STORE_TOLD",
    "Answer",
    "Audience",
    "BadText",
    "Line",
    "Posted",
    "Refused",
    "blank",
    "catch_up",
    "change_own",
    "clean",
    "delete",
    "drop_files",
    "edit",
    "frames_after",
    "iso",
    "mark_read",
    "move",
    "picture_url",
    "post",
    "post_many",
    "post_slowly",
    "redraw",
    "serialise",
    "settle_times",
    "store",
    "told",
]
