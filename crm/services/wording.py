"""The stop list at work: what does not leave, and what is masked before it is stored.

Asked for every line of a chat, so the rules are kept in the process, compiled: `fresh` says whether
they still count, `refresh` reads them again. Whoever runs in an event loop asks in that order."""

import asyncio
import re
import time
from dataclasses import dataclass

from crm.models import StopRule
from crm.text import fold, mask_cards

Kind = StopRule.Kind
_SECONDS = 10.0  # after which a change is seen
_TOKEN = re.compile(r"\w+")
# between "password" and the word itself; what follows a colon is one whatever it looks like
_BETWEEN = r"(?:\s*[:=]\s*|\s+(?:est|is|was|c['’]est)\s*:?\s*)"


class Stopped(Exception):
    """These words do not leave; `rule` says why."""

    def __init__(self, rule: StopRule) -> None:
        super().__init__(rule.name)
        self.rule = rule


@dataclass(frozen=True)
class _Compiled:
    rule: StopRule
    phrases: tuple[tuple[str, ...], ...] = ()
    secret: re.Pattern[str] | None = None

    def found(self, text: str, tokens: "list[tuple[int, int, str]]") -> list[tuple[int, int]]:
        """Where in the text it is."""
        if self.secret:
            return [match.span(1) for match in self.secret.finditer(text) if _secret(match)]
        return [
            (tokens[at][0], tokens[at + len(phrase) - 1][1])
            for phrase in self.phrases
            for at in range(len(tokens) - len(phrase) + 1)
            if all(_is(word, tokens[at + n][2]) for n, word in enumerate(phrase))
        ]


def _is(word: str, folded: str) -> bool:
    return folded.startswith(word[:-1]) if word.endswith("*") else folded == word


def _secret(match: re.Match[str]) -> bool:
    """ "My password is forgotten" tells none; "my password: forgotten" does."""
    return any(sign in match[0][: match.start(1) - match.start()] for sign in ":=") or not (
        match[1].isalpha()
    )


def _compile(rule: StopRule) -> _Compiled:
    if rule.kind == Kind.SECRETS:
        cues = "|".join(re.escape(line).replace(r"\*", r"\w*") for line in rule.lines())
        pattern = rf"\b(?:{cues}){_BETWEEN}[«\"“]?\s*([^\s«»\"“”,;]{{4,}})"
        return _Compiled(rule, secret=re.compile(pattern, re.IGNORECASE))
    lines = (fold(line).replace("*", "") + "*" * line.endswith("*") for line in rule.lines())
    return _Compiled(rule, tuple(tuple(re.findall(r"\w+\*?", line)) for line in lines))


class _Rules:
    """What is in use, until when it counts."""

    def __init__(self) -> None:
        self.known: list[_Compiled] = []
        self.until = 0.0


_rules = _Rules()


def fresh() -> bool:
    return time.monotonic() < _rules.until


def refresh() -> None:
    _rules.known = [_compile(rule) for rule in StopRule.objects.filter(is_active=True)]
    _rules.until = time.monotonic() + _SECONDS


def forget() -> None:
    """As if the process had just begun; for tests."""
    _rules.until = 0.0


def _known() -> list[_Compiled]:
    if not fresh() and not _in_a_loop():
        refresh()
    return _rules.known


def _in_a_loop() -> bool:
    """There nothing waits for the database: the rules of a moment ago count."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def stop(text: str) -> StopRule | None:
    """The rule by which an agent's words do not leave."""
    tokens = _tokens(text)
    for one in _known():
        if one.rule.stops and (
            mask_cards(text) != text if one.rule.kind == Kind.CARDS else one.found(text, tokens)
        ):
            return one.rule
    return None


def must_pass(text: str) -> None:
    """Raises Stopped."""
    if rule := stop(text):
        raise Stopped(rule)


def masked(text: str) -> str:
    """What may be stored of it: card numbers keep four digits, insults their first letter."""
    tokens = _tokens(text)
    spans = sorted(
        (start + (one.rule.kind == Kind.WORDS), end)
        for one in _known()
        if one.rule.masks
        for start, end in one.found(text, tokens)
    )
    parts, at = [], 0
    for start, end in spans:
        if end > at:
            parts.append(text[at:start] + "••••" if start >= at else "")
            at = end
    return mask_cards("".join([*parts, text[at:]]))


def _tokens(text: str) -> list[tuple[int, int, str]]:
    return [(m.start(), m.end(), fold(m[0])) for m in _TOKEN.finditer(text)]
