"""What the desk says of colleagues in one exchange."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return {
        "colleagues": _("Colleagues"),
        "replies": _("Replies"),
        "beside_looks": _("{names} is looking at this too"),
        "beside_writes": _("{names} is writing here"),
        "named": _("{name} names you in a note"),
        "named_toast": _("{name} names you: {customer}"),
        "whispered": _("{name} whispers:"),
        "whisper_toast": _("{name} whispers to you: {customer}"),
        "whisper_to": _("Whisper to {name}: nobody else reads it"),
        "hard_toast": _("{name} needs you: {kind}, {customer}"),
        "taken_toast": _("{name} has taken over: {customer}"),
        "an_exchange": _("an exchange"),
        "answered_first": _("{name} answered {time} ago:"),
        "blocked": _("Blocked until {until}: {reason}"),
        "unblock": _("Unblock"),
        "done_block": _("Blocked: nothing new begins until then."),
        "done_unblock": _("No longer blocked."),
        "side_open": _("Open in the middle"),
        "side_close": _("Put away"),
        "side_narrow": _("There is no room beside: widen the window."),
        "side_full": _("Four chats are open already."),
        "pulse_about": _("How was it with {name}?"),
        "proposed": _("Proposed: {name}, {why}"),
        "asked_about": _("(the customer chose: {name})"),
        "done_takeover": _("It is yours now."),
        "done_whisper": _("Whispered."),
    }
