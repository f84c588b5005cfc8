"""What an agent with a script says next to whoever writes freely: a pure function of what was
said, so that a restart loses nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.demo import data
from crm import clock
from crm.text import fold

_MOST_GUESSES = 2  # questions that led nowhere before she hands over


@dataclass(frozen=True)
class Said:
    """One line of the conversation."""

    by_customer: bool
    text: str


@dataclass(frozen=True)
class Next:
    """Her next line, and the outcome with which she closes after it (none: the chat goes on)."""

    text: str
    outcome: str = ""


def next_line(
    lines: Sequence[Said], language: str, customer: str = "", agent: str = "Amélie"
) -> Next | None:
    """None while it is the customer's turn."""
    if not lines or not lines[-1].by_customer:
        return None
    script, lang = data.load("amelie"), "en" if language.startswith("en") else "fr"
    mine = [line.text for line in lines if not line.by_customer]
    asked = " ".join(line.text for line in lines if line.by_customer)
    steps = _steps(script, lang, asked)
    done = sum(any(step in line for line in mine) for step in steps)
    last = _plain(lines[-1].text)
    if mine and _thanks(script, lang, last) and not _has(script[f"no_{lang}"], last):
        return Next(_closing(script, lang, customer, len(asked)), "solved")
    if not steps:
        return _guess(script, lang, mine, customer, agent)
    if done and done == len(steps):
        if _has(script[f"no_{lang}"], last):
            return Next(script[f"handover_{lang}"], "promised")
        return Next(_closing(script, lang, customer, len(asked)), "solved")
    step = steps[done]
    return Next(step if mine else f"{_greeting(script, lang, customer, agent)} {step}")


def promised(outcome: str) -> dict[str, str]:
    """A promise says what happens next and by when."""
    if outcome != "promised":
        return {}
    tomorrow = clock.now() + timedelta(days=1)
    return {"step": "Un conseiller rappelle", "step_by": tomorrow.isoformat()}


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _has(words: Sequence[str], text: str) -> bool:
    """Whether one of these stands in the text as whole words; short ones must begin it."""
    padded = f" {''.join(c if c.isalnum() else ' ' for c in text)} "
    return any(f" {''.join(c if c.isalnum() else ' ' for c in word)} " in padded for word in words)


def _thanks(script: dict, lang: str, text: str) -> bool:  # type: ignore[type-arg]
    words = ["merci", "parfait", "resolu"] if lang == "fr" else ["thanks", "thank you", "perfect"]
    return _has(words, text) and "?" not in text


def _steps(script: dict, lang: str, asked: str) -> list[str]:  # type: ignore[type-arg]
    """The steps of the intent with the longest keyword in what the customer wrote."""
    text = _plain(asked)
    found = [
        (len(word), index)
        for index, intent in enumerate(script["intents"])
        for word in intent[f"keywords_{lang}"]
        if _has([word], text)
    ]
    if not found:
        return []
    best = max(found, key=lambda pair: (pair[0], -pair[1]))[1]
    steps: list[str] = script["intents"][best][f"steps_{lang}"]
    return steps


def _guess(  # type: ignore[type-arg]
    script: dict, lang: str, mine: list[str], customer: str, agent: str
) -> Next:
    """She did not understand: asks again, then has a colleague look at it."""
    questions = script[f"fallback_{lang}"]
    tried = sum(any(question in line for line in mine) for question in questions)
    if tried >= min(_MOST_GUESSES, len(questions)):
        return Next(script[f"handover_{lang}"], "promised")
    text = questions[tried]
    return Next(text if mine else f"{_greeting(script, lang, customer, agent)} {text}")


def _greeting(script: dict, lang: str, customer: str, agent: str) -> str:  # type: ignore[type-arg]
    return named(script["greeting"][lang], customer).replace("Amélie", agent)


def _closing(script: dict, lang: str, customer: str, seed: int) -> str:  # type: ignore[type-arg]
    choices = script[f"closing_{lang}"]
    return named(choices[seed % len(choices)], customer)


def named(text: str, customer: str) -> str:
    """With the customer's name, or without a trace of its place."""
    if customer:
        return text.replace("{customer}", customer)
    return text.replace(", {customer}", "").replace(" {customer}", "").replace("{customer}", "")
