"""Why a mail is in the quarantine, or did not leave, in words of who reads it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tickets.mail import filters

NO_ADDRESS = "no address"
TOO_LARGE = "larger than"  # its head alone is stored
# what the services store, by its beginning: the rest of the line is kept behind the words
_SAID = {
    "no sender": gettext_lazy("It names no sender."),
    "not an address": gettext_lazy("Its sender's address is none that could be answered"),
    TOO_LARGE: gettext_lazy(
        "Only its head was fetched, it is too large; “Try again” fetches it whole"
    ),
    "its reading ended": gettext_lazy("Reading it ended the process several times."),
    "a provider's post": gettext_lazy("What the provider posted could not be read"),
    "unreadable": gettext_lazy("It could not be read"),
    NO_ADDRESS: gettext_lazy("The customer has no mail address."),
    "the sender died": gettext_lazy("Its sending was cut off; it may have left twice."),
    "ConnectionRefusedError": gettext_lazy("The outgoing mail server did not answer"),
    "TimeoutError": gettext_lazy("The outgoing mail server did not answer in time"),
}

# why a mail was judged as it was (`Mail.why`), by its beginning
_WHY = {
    "rule": gettext_lazy("A rule of the mailbox sets it aside"),
    "sender list": gettext_lazy("Its sender is on the list."),
    "blocked customer": gettext_lazy("Its sender is blocked."),
    "let in by hand": gettext_lazy("A colleague let it in."),
    "list": gettext_lazy("It comes from a mailing list."),
    "auto-submitted": gettext_lazy("A machine sent it: so its head says."),
    "precedence": gettext_lazy("A machine sent it: so its head says."),
    "no return path": gettext_lazy("A machine sent it: nobody can answer it."),
    "subject of an absence": gettext_lazy("It is an absence note."),
    "report": gettext_lazy("It is a report of another server."),
    "delivery report": gettext_lazy("It is a report of another server."),
    "failed recipients": gettext_lazy("It is a report of another server."),
    "mailer daemon": gettext_lazy("It is a report of another server."),
    "postmaster": gettext_lazy("It is a report of another server."),
    "from an address of ours": gettext_lazy("It came from an address of ours."),
    "our own mail came back": gettext_lazy("It is a mail of ours that came back."),
    "too many hops": gettext_lazy("It goes round in circles."),
    "written to itself": gettext_lazy("Its sender wrote to itself."),
    "x-spam": gettext_lazy("The receiving server's filter calls it spam"),
    "x-rspamd": gettext_lazy("The receiving server's filter calls it spam"),
    "x-auto": gettext_lazy("A machine sent it: so its head says."),
    "x-mail-auto": gettext_lazy("A machine sent it: so its head says."),
}

_VERDICTS = {
    filters.ACCEPT: gettext_lazy("from a person"),
    filters.AUTO: gettext_lazy("from a machine"),
    filters.BOUNCE: gettext_lazy("report on delivery"),
    filters.LOOP: gettext_lazy("loop"),
    filters.REFUSE: gettext_lazy("cannot be filed"),
    filters.SPAM: gettext_lazy("spam"),
}


def words(error: str) -> str:
    """Errors that are not ours stay as they came: servers' words, and faults of the program."""
    return _said(error, _SAID)


def why(told: str) -> str:
    """The same of a verdict."""
    return _said(told, _WHY | _SAID)


def verdict(code: str) -> str:
    return str(_VERDICTS.get(code, code))


def _said(told: str, known: Mapping[str, Promise | str]) -> str:
    for beginning, said in known.items():
        if told.startswith(beginning):
            rest = told.removeprefix(beginning)
            # of a header's name the beginning alone says nothing
            detail = told if rest.startswith("-") else rest.strip(" :.")
            text = str(said)
            return text if text.endswith(".") or not detail else f"{text} ({detail})"
    return told
