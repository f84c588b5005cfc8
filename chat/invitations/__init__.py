"""Whom to invite: which rule, for whom, and why not. Every decision is a row.

Nobody is invited to wait: the subject is open now, and a named agent holds a place for the answer.
Two visitors are never promised one place: the promise is made under the agent's lock."""

from .answers import claim, refuse, still_good, sweep, withdraw
from .deciding import Decision, Plan, decide, plan
from .page import Page
from .places import SECONDS_SHOWN, held

__all__ = [
    "SECONDS_SHOWN",
    "Decision",
    "Page",
    "Plan",
    "claim",
    "decide",
    "held",
    "plan",
    "refuse",
    "still_good",
    "sweep",
    "withdraw",
]
