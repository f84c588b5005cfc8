"""What can be done with the open exchange: the toolbar's buttons, their keys, and the palette."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Command:
    """`name` is the script's (doing.js); `said` explains the button when its label is too short."""

    name: str
    label: Any
    icon: str
    key: str = ""
    said: Any = ""

    @property
    def title(self) -> str:
        return f"{self.full} ({self.key.upper()})" if self.key else self.full

    @property
    def full(self) -> str:
        return str(self.said or self.label)


FIRST = (
    Command("take", _("Take"), "front_hand", "a"),
    Command("close", pgettext_lazy("exchange", "Close"), "task_alt", "e"),
    Command("prolong", _("More time"), "more_time"),
    Command("moment", _("One moment"), "pending", "o", _("“One moment, I am checking”")),
    Command("wait", _("Wait"), "hourglass_empty", "w", _("Wait for the customer")),
    Command("snooze", _("Set aside"), "snooze", "z"),
    Command("transfer", _("Transfer"), "forward", "t"),
    Command("part", _("Leave"), "logout"),
    Command("reopen", _("Reopen"), "undo"),
)
MORE = (
    Command("macro", _("Macro"), "bolt", "m", _("Several steps at once")),
    Command("takeover", _("Take over"), "swipe_right", "g"),
    Command("goon", _("Go on elsewhere"), "alt_route"),
    Command("join", _("Bring in a colleague"), "group_add"),
    Command("alone", _("Go on alone"), "group_remove"),
    Command("regroup", _("Merge or link"), "merge"),
    Command("spam", _("Spam"), "report", said=_("It is spam: close, and block the sender")),
    Command("abuse", _("Abusive"), "sms_failed", "b"),
    Command("distress", _("Distress or danger"), "emergency_home", "d"),
    Command("fraud", _("Fraud suspected"), "policy", "f"),
    Command("block", _("Block the customer"), "block"),
    Command("complain", _("Complaint"), "sentiment_dissatisfied"),
)


def called(term: str) -> list[Command]:
    """Those whose words hold this one."""
    wanted = term.casefold()
    every = (*FIRST, *MORE)
    return [one for one in every if wanted in f"{one.label} {one.full}".casefold()]
