"""What French texts keep to: placeholders, typography, and the words customers read."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from babel.messages.catalog import Catalog

# The tail of Python's %-marks must be there; a word in braces is filled in by scripts.
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-0-9.]*[sdif]|%n\b|\{\w+\}")
_TYPOGRAPHY = {
    "straight apostrophe, not ’": re.compile(r"'"),
    "no U+00A0 before ? ! ; or »": re.compile(r"[^\u00a0?!\"\[][?!;»](?!\w)"),
    # not in an address, an hour or a word such as a:b
    "no U+00A0 before :": re.compile(r"[^\u00a0]:(?=\s|$)"),
    "no U+00A0 after «": re.compile(r"«[^\u00a0]"),
    "plain space before a unit or after n°": re.compile(r"\d [%€]|\bn° "),
    "three dots, not …": re.compile(r"\.\.\."),
}
# What customers read: our help and its mails, the chat window, every mail's layout.
_CUSTOMERS = (
    "selfcare/templates/",
    "selfcare/views/",
    "selfcare/services/",
    "selfcare/templatetags/",
    "chat/services/",
    "chat/templates/",
    "tickets/templates/tickets/mail/",
)
# Staff see these inside the same places.
_STAFF = ("selfcare/templates/selfcare/console/", "chat/templates/chat/console/")
_BANNED = re.compile(
    r"\b(agents?|tickets?|tchats?|(?<![@-])mails?|malheureusement)\b", re.IGNORECASE
)


def _placeholders(texts: Iterable[str]) -> set[str]:
    return {mark for text in texts for mark in _PLACEHOLDER.findall(text.replace("%%", "%"))}


def _words(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _for_customers(place: str) -> bool:
    return place.startswith(_CUSTOMERS) and not place.startswith(_STAFF)


def faults(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Each French text that breaks a rule, with the rule."""
    for entry in catalog:
        if not entry.id or not entry.string:
            continue
        english, french = _words(entry.id), _words(entry.string)
        # One form of a plural may leave its number out ("Un échange").
        left_out = set() if len(english) == 1 else {"%(n)s", "%(n)d", "%(count)s", "%(count)d"}
        if (_placeholders(english) ^ _placeholders(french)) - left_out:
            yield french[0], "other placeholders than the English"
        for text in french:
            yield from ((text, rule) for rule, bad in _TYPOGRAPHY.items() if bad.search(text))
            word = _BANNED.search(_PLACEHOLDER.sub("", text))
            if word and any(_for_customers(place) for place, _line in entry.locations):
                yield text, f"customers do not read “{word[0]}”"
