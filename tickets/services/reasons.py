"""Why a mail is in the quarantine, or did not leave, in words of who reads it."""

from django.utils.translation import gettext_lazy

NO_ADDRESS = "no address"
# what the services store, by its beginning: the rest of the line is kept behind the words
_SAID = {
    "no sender": gettext_lazy("It names no sender."),
    "not an address": gettext_lazy("Its sender's address is none that could be answered"),
    "larger than": gettext_lazy("It is too large: only its head was fetched"),
    "its reading ended": gettext_lazy("Reading it ended the process several times."),
    "unreadable": gettext_lazy("It could not be read"),
    NO_ADDRESS: gettext_lazy("The customer has no mail address."),
    "the sender died": gettext_lazy("Its sending was cut off; it may have left twice."),
    "ConnectionRefusedError": gettext_lazy("The outgoing mail server did not answer"),
    "TimeoutError": gettext_lazy("The outgoing mail server did not answer in time"),
}


def words(error: str) -> str:
    """Errors that are not ours stay as they came: servers' words, and faults of the program."""
    for beginning, said in _SAID.items():
        if error.startswith(beginning):
            detail = error.removeprefix(beginning).strip(" :.")
            text = str(said)
            return text if text.endswith(".") or not detail else f"{text} ({detail})"
    return error
