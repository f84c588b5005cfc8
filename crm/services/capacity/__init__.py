"""How much an agent may hold: the rules, the facts they look at, and the hint kept of the answer.

Below presence and the interactions' verbs, which keep it true; routing chooses by it."""

from . import imagined
from .facts import AWAY_AFTER, channels_of, need, need_of, now, of
from .rules import LAPSED_FOR, RULES, Facts, Need, Now, failing, may_take, room
from .standing import lock, rebuild, recount, write

__all__ = [
    "AWAY_AFTER",
    "LAPSED_FOR",
    "RULES",
    "Facts",
    "Need",
    "Now",
    "channels_of",
    "failing",
    "imagined",
    "lock",
    "may_take",
    "need",
    "need_of",
    "now",
    "of",
    "rebuild",
    "recount",
    "room",
    "write",
]
