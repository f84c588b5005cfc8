"""The rights of the persons in the records: a copy, rectification, objection, erasure; and how long
things are kept. What each app holds it registers itself (crm/registry.py, `PersonalPart`)."""

from .archive import hand_over, write_archive
from .erasing import advance, erase_due
from .holds import OnHold, held, hold, lift
from .requests import (
    OpenWork,
    ask,
    object_to,
    objects_to,
    open_request,
    refuse,
    settle,
    take_back_objection,
)
from .retention import confirm, days, is_confirmed, preview, purge_due, rules
from .sessions import forget_expired

__all__ = [
    "OnHold",
    "OpenWork",
    "advance",
    "ask",
    "confirm",
    "days",
    "erase_due",
    "forget_expired",
    "hand_over",
    "held",
    "hold",
    "is_confirmed",
    "lift",
    "object_to",
    "objects_to",
    "open_request",
    "preview",
    "purge_due",
    "refuse",
    "rules",
    "settle",
    "take_back_objection",
    "write_archive",
]
