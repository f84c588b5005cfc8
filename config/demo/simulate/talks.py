"""Conversations with two scripted sides: each says what follows from what was said, so that a
restart loses nothing. Whoever leaves the script is answered by sense (`reply`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from config.demo import data
from crm.text import fold

from . import script
from .script import Next, Said

_CUSTOMER, _AGENT = "c", "a"


@dataclass(frozen=True)
class Dialogue:
    """What the two say to one another after the customer's opening line."""

    subject: str
    language: str
    turns: tuple[tuple[str, str], ...]

    def at(self, said: Sequence[Said]) -> int:
        """How many turns have been said: those behind one that was said count too."""
        heard = {(line.by_customer, line.text) for line in said}
        found = [
            number
            for number, (who, text) in enumerate(self.turns, 1)
            if (who == _CUSTOMER, text) in heard
        ]
        return max(found, default=0)


@cache
def _dialogues() -> dict[str, Dialogue]:
    lines = data.load("lines")
    found = {}
    for subject, openings in lines["openings"].items():
        for language, texts in openings.items():
            talks = lines["dialogues"][subject][language]
            for number, opening in enumerate(texts):
                turns = tuple((who, text) for who, text in talks[number % len(talks)])
                found[opening] = Dialogue(subject, language, turns)
    return found


def begun_by(opening: str) -> Dialogue | None:
    return _dialogues().get(opening)


def opening(rng: Random, subject: str, language: str) -> str:
    return str(rng.choice(data.load("lines")["openings"][subject][language]))


def agent_says(
    said: Sequence[Said], language: str, *, customer: str = "", agent: str = "Amélie"
) -> Next | None:
    """None while it is the customer's turn."""
    first = next((line.text for line in said if line.by_customer), "")
    dialogue = begun_by(first)
    if dialogue is None:
        return script.next_line(said, language, customer, agent)
    if all(line.by_customer for line in said):
        return Next(_greeting(dialogue.language, len(first), customer, agent))
    at = dialogue.at(said)
    if at == len(dialogue.turns):
        texts = data.load("lines")["closings"][dialogue.language]
        return Next(script.named(texts[len(first) % len(texts)], customer), "solved")
    who, text = dialogue.turns[at]
    last = said[-1]
    if who == _CUSTOMER and (not last.by_customer or (_CUSTOMER, last.text) in dialogue.turns):
        return None  # they have not finished
    ahead = [turn for turn in dialogue.turns[at:] if turn[0] == _AGENT]
    return Next(text if who == _AGENT else ahead[0][1]) if ahead else None


def passing_on(language: str) -> str:
    if language.startswith("en"):
        return "One moment, I pass you on to somebody who knows this better: nothing to repeat."
    return "Un instant, je vous passe quelqu’un qui connaît mieux ce cas : rien à répéter."


def _greeting(language: str, seed: int, customer: str, agent: str) -> str:
    texts = data.load("lines")["greetings"][language]
    return script.named(texts[seed % len(texts)], customer).replace("{agent}", agent)


def customer_says(said: Sequence[Said], rng: Random) -> str | None:
    """None while it is the agent's turn."""
    dialogue = begun_by(said[0].text) if said else None
    if dialogue is None or all(line.by_customer for line in said):
        return None
    at = dialogue.at(said)
    if at < len(dialogue.turns):
        who, text = dialogue.turns[at]
        if who == _CUSTOMER:
            return text
    last = said[-1]
    if last.by_customer or _expected(dialogue, last.text):
        return None
    return reply(last.text, dialogue.language, rng, [one.text for one in said if one.by_customer])


def _expected(dialogue: Dialogue, text: str) -> bool:
    """A line that wants no answer: the script's, a greeting or a closing."""
    if any(turn == (_AGENT, text) for turn in dialogue.turns):
        return True
    lines = data.load("lines")
    shapes = [*lines["greetings"][dialogue.language], *lines["closings"][dialogue.language]]
    return any(text.endswith(shape.rpartition("}")[2]) for shape in shapes)


def reply(text: str, language: str, rng: Random, before: Sequence[str] = ()) -> str | None:
    """What somebody answers to words that no script foresaw; None: nothing more is to be said."""
    answers: list[dict[str, Any]] = data.load("answers")
    plain = fold(text)
    for one in answers:
        if any(word in plain for word in one[f"words_{language}"]):
            left = [answer for answer in one[language] if answer not in before]
            return rng.choice(left) if left else None
    return None
