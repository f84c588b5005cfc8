"""What is said: an opening, a dialogue about the subject, a closing, at believable moments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from config.demo import data

from .clients import Client


@dataclass(frozen=True)
class Line:
    """One thing said: by "c" the customer or "a" the agent."""

    who: str
    text: str
    at: datetime


def chat(
    rng: Random,
    client: Client,
    agent: str,
    subject: str,
    first: datetime,
    greeted: datetime,
    last: datetime,
    solved: bool,
) -> list[Line]:
    """The lines of a chat whose first human line is at `first`, the greeting at `greeted`, and
    the last at `last`; the time between is shared out as people write."""
    lang, lines = client.language, data.load("lines")
    names = {"customer": client.addressed, "agent": agent}
    opening = rng.choice(lines["openings"][subject][lang])
    middle = rng.choice(lines["dialogues"][subject][lang])
    said = [("a", rng.choice(lines["greetings"][lang]).format(**names)), *map(tuple, middle)]
    if solved:
        said.append(("c", rng.choice(_THANKS[lang])))
        said.append(("a", rng.choice(lines["closings"][lang]).format(**names)))
    weights = [0.0] + [(22 if who == "a" else 28) * (0.5 + rng.random()) for who, _text in said[1:]]
    whole, spent, found = sum(weights) or 1, 0.0, [Line("c", opening, first)]
    length = max(0.0, (last - greeted).total_seconds())
    for (who, text), weight in zip(said, weights, strict=True):
        spent += weight
        found.append(Line(who, text, greeted + timedelta(seconds=length * spent / whole)))
    return found


_THANKS = {
    "fr": ["Super, merci beaucoup", "ça marche, merci !", "Merci pour votre aide", "Parfait merci",
           "ok top merci"],
    "en": ["Great, thanks a lot", "It works, thank you", "Perfect, cheers"],
}  # fmt: skip


def mail(rng: Random, client: Client, agent: str, subject: str) -> tuple[str, str, str]:
    """(subject line, the customer's text, the agent's answer)."""
    found = rng.choice(data.load("mails")[subject][client.language])
    name = f"{client.first} {client.last}"
    return (
        found["subject"],
        found["body"].format(customer=name),
        found["answer"].format(customer=client.addressed, agent=agent),
    )


def opening(rng: Random, client: Client, subject: str) -> str:
    text: str = rng.choice(data.load("lines")["openings"][subject][client.language])
    return text


def comment(rng: Random, client: Client, score: int) -> str:
    text: str = rng.choice(data.load("comments")[client.language][str(score)])
    return text
