"""The verbs of an interaction's life: open, assign, transfer, wait, close, reopen, rate.

Every verb locks what it changes (agent, then interaction), writes an event line that both sides
see where it concerns them, and nudges screens and other apps after commit."""

from .base import NotFree, locked, locked_with_agents, nudge, tell
from .closing import (
    BY_HAND,
    bring_back,
    close,
    end_exchange,
    finish_wrap_ups,
    rate,
    reopen,
    take_up,
)
from .complaints import CannotClose, NoComplaint, NoRecourse, NotAnswered
from .conference import NoRoom, assistants, join, part
from .filling import fill
from .hands import assign, take, transfer
from .next_steps import Next, NotSaid, next_step
from .opening import Request, open, open_many
from .returning import follow_hours, give_back, overflow, resume
from .waiting import (
    close_unanswered,
    fall_silent,
    snooze,
    take_back,
    wait_for_customer,
    wake_due,
)
from .wrap_up import prolong

__all__ = [
    "BY_HAND",
    "CannotClose",
    "Next",
    "NoComplaint",
    "NoRecourse",
    "NoRoom",
    "NotAnswered",
    "NotFree",
    "NotSaid",
    "Request",
    "assign",
    "assistants",
    "bring_back",
    "close",
    "close_unanswered",
    "end_exchange",
    "fall_silent",
    "fill",
    "finish_wrap_ups",
    "follow_hours",
    "give_back",
    "join",
    "locked",
    "locked_with_agents",
    "next_step",
    "nudge",
    "open",
    "open_many",
    "overflow",
    "part",
    "prolong",
    "rate",
    "reopen",
    "resume",
    "snooze",
    "take",
    "take_back",
    "take_up",
    "tell",
    "transfer",
    "wait_for_customer",
    "wake_due",
]
