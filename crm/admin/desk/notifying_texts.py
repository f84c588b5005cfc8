"""What calls the agent who looks elsewhere, in words that may be read by whoever stands beside."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return {
        "notify_title": _("Sounds and notifications"),
        "notify_quiet": _("Sounds and notifications: quiet now"),
        "notify_line": _("{name} has written"),
        "notify_assigned": _("{name} is yours now"),
        "notify_waiting": _("Somebody waits: {name}"),
        "notify_colleague": _("{name} needs you"),
        "call_line": _("A customer of mine writes"),
        "call_assigned": _("An exchange is handed to me"),
        "call_waiting": _("Somebody new waits in my queues"),
        "call_colleague": _("A colleague or lead calls me"),
        "way_sound": _("sound"),
        "way_shown": _("notification"),
    }
