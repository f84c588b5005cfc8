"""What simulated people write in mails: the customer's request, the agent's answer, the answer to
the answer."""

from collections.abc import Iterator
from random import Random
from typing import Any

from config.demo import data

from .script import promised

_MORE = {
    "fr": [
        "Bonjour,\n\nMerci pour votre retour rapide, c'est noté.\n\n{customer}",
        "merci ça marche maintenant !\n\n{customer}",
        "Bonjour,\n\nJ'ai fait ce que vous dites mais le problème revient le soir. Que faire ?\n\n"
        "{customer}",
    ],
    "en": [
        "Hello,\n\nThank you for the quick answer, noted.\n\n{customer}",
        "Hello,\n\nI did what you say, but it comes back in the evening. What now?\n\n{customer}",
    ],
}
_FOLLOW_UP = {
    "fr": "Bonjour {customer},\n\nMerci de nous avoir écrit de nouveau. Je garde votre demande : "
    "je regarde votre ligne ce soir et je vous écris demain matin, quoi qu’il arrive.\n\n"
    "Cordialement,\n{agent}",
    "en": "Hello {customer},\n\nThank you for writing again. I keep your request: I look at your "
    "line this evening and write to you tomorrow morning, whatever I find.\n\nKind regards,\n"
    "{agent}",
}


def request(rng: Random, subject: str, language: str, customer: str) -> tuple[str, str]:
    """The mail's subject and body."""
    letter = rng.choice(data.load("mails")[subject][language])
    return letter["subject"], letter["body"].replace("{customer}", customer)


def more(rng: Random, language: str, customer: str) -> str:
    return rng.choice(_MORE[language]).replace("{customer}", customer)


def answer_to(shown: dict[str, Any], agent: str, rng: Random) -> tuple[str, dict[str, str]]:
    """The answer to what the desk shows, and what becomes of the exchange."""
    row = shown["row"]
    language = "en" if row["language"].startswith("en") else "fr"
    answered = any(frame["m"]["author"] == "agent" for frame in shown["talk"]["frames"])
    known = next((one for one in _all(language) if one["subject"] == row["title"]), None)
    text = known["answer"] if known and not answered else _FOLLOW_UP[language]
    text = text.replace("{customer}", row["customer"]["addressed"]).replace("{agent}", agent)
    if rng.random() < 0.6:
        outcome = "promised" if answered else "solved"
        return text, {"then": "close", "outcome": outcome, **promised(outcome)}
    return text, {"then": "wait"}


def _all(language: str) -> Iterator[dict[str, str]]:
    for by_language in data.load("mails").values():
        yield from by_language[language]
