"""What a rule may ask about a visitor: the vocabulary, and the judgement. Knows no database.

A condition is {"fact": …, "op": …, "value": …} (host data also "key"), or a group
{"match": "all" | "any", "of": [conditions]}, one level deep. A fact that nobody can know without
the visitor's consent makes a condition neither true nor false (None), and so may its group be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import text

Text = str | Promise
Condition = Mapping[str, Any]

MOST = 20  # conditions in one rule
WEEKDAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
            _("Sunday")]  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Everything known about a visitor at one moment. `memory`: something outlives the page."""

    at: datetime
    url: str = ""
    seconds: int = 0
    site_seconds: int = 0
    pages: int = 1
    scroll: int = 0
    leaving: bool = False
    search_failed: bool = False
    voted_down: bool = False
    referrer: str = ""
    returning: bool = False
    device: str = "desktop"
    language: str = "fr"
    data: Mapping[str, Any] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    memory: bool = False


@dataclass(frozen=True)
class Fact:
    """One thing a rule may ask about. `kind` says how it is asked and written."""

    label: Text
    kind: str  # "number", "text", "yes", "choice", "hours", "days", "data", "event"
    read: Callable[[Known], Any]
    unit: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()
    presets: tuple[int, ...] = ()
    # only known for sure with the visitor's consent (or on our portal, where a session carries it)
    memory: bool = False


FACTS: dict[str, Fact] = {
    "seconds": Fact(_("time on the page"), "number", lambda k: k.seconds, _("s"), presets=(30, 60)),
    "site_seconds": Fact(
        _("time on the site"), "number", lambda k: k.site_seconds, _("s"), presets=(60, 180),
        memory=True,
    ),
    "pages": Fact(_("pages seen"), "number", lambda k: k.pages, presets=(2, 3, 5), memory=True),
    "scroll": Fact(_("page scrolled to"), "number", lambda k: k.scroll, "%", presets=(50, 90)),
    "leaving": Fact(_("the pointer leaves the page"), "yes", lambda k: k.leaving),
    "search_failed": Fact(_("a search found nothing"), "yes", lambda k: k.search_failed),
    "voted_down": Fact(_("an article did not help"), "yes", lambda k: k.voted_down),
    "returning": Fact(_("has been here before"), "yes", lambda k: k.returning, memory=True),
    "url": Fact(_("address of the page"), "text", lambda k: k.url),
    "referrer": Fact(_("came from"), "text", lambda k: k.referrer),
    "device": Fact(
        _("device"), "choice", lambda k: k.device,
        choices=(("desktop", _("computer")), ("mobile", _("phone")), ("tablet", _("tablet"))),
    ),
    "language": Fact(
        _("language of the page"), "choice", lambda k: k.language,
        choices=(("fr", _("French")), ("en", _("English"))),
    ),
    "hours": Fact(_("time of day"), "hours", lambda k: k.at.time().replace(tzinfo=None)),
    "days": Fact(_("day of the week"), "days", lambda k: k.at.weekday()),
    "data": Fact(_("data of the page"), "data", lambda k: k.data),
    "event": Fact(_("event of the page"), "event", lambda k: k.events),
}  # fmt: skip

OPS: dict[str, dict[str, Text]] = {
    "number": {"at_least": _("is at least"), "at_most": _("is at most")},
    "text": {"like": _("is like"), "unlike": _("is not like")},
    "yes": {"is": _("yes"), "is_not": _("no")},
    "choice": {"is": _("is"), "is_not": _("is not")},
    "hours": {"within": _("is between"), "outside": _("is not between")},
    "days": {"in": _("is one of"), "not_in": _("is none of")},
    "data": {
        "more": _("is more than"), "less": _("is less than"), "is": _("is"), "is_not": _("is not"),
    },
    "event": {"is": _("has come"), "is_not": _("has not come")},
}  # fmt: skip

_NOT = {"unlike", "is_not", "outside", "not_in"}


# -- is it one?


def check(conditions: object) -> None:
    """Refuses what could not be judged. {} asks for nothing and is always true."""
    if conditions == {}:
        return
    if not isinstance(conditions, dict) or "of" not in conditions:
        raise ValidationError(_("Conditions are a group: match and of."))
    if len(list(leaves(conditions))) > MOST:
        raise ValidationError(_("A rule has %(n)s conditions at most."), params={"n": MOST})
    _check_group(conditions, depth=0)


def _check_group(group: Mapping[str, Any], depth: int) -> None:
    parts = group.get("of")
    if group.get("match") not in ("all", "any") or not isinstance(parts, list) or depth > 1:
        raise ValidationError(_("A group says all or any, and holds a list of conditions."))
    for part in parts:
        if isinstance(part, dict) and "of" in part:
            _check_group(part, depth + 1)
        else:
            _check_leaf(part)


def _check_leaf(leaf: object) -> None:
    fact = FACTS.get(leaf.get("fact", "")) if isinstance(leaf, dict) else None
    if fact is None or not isinstance(leaf, dict):
        raise ValidationError(_("This condition asks about something unknown."))
    if leaf.get("op") not in OPS[fact.kind] or not _fits(fact, leaf.get("op"), leaf):
        raise ValidationError(
            _("The condition on “%(fact)s” is not complete."), params={"fact": fact.label}
        )


def _fits(fact: Fact, op: Any, leaf: Mapping[str, Any]) -> bool:
    value = leaf.get("value")
    if fact.kind == "number":
        number = _number(value)
        return number is not None and 0 <= number <= 1_000_000
    if fact.kind == "choice":
        return value in dict(fact.choices)
    if fact.kind == "hours":
        return isinstance(value, list) and len(value) == 2 and all(_time(v) for v in value)
    if fact.kind == "days":
        return isinstance(value, list) and bool(value) and all(v in range(7) for v in value)
    if fact.kind == "data":
        named = isinstance(leaf.get("key"), str) and 0 < len(leaf["key"]) <= 60
        numeric = op not in ("more", "less") or _number(value) is not None
        return named and numeric and _scalar(value)
    return fact.kind == "yes" or (isinstance(value, str) and 0 < len(value) <= 200)


def _scalar(value: object) -> bool:
    return isinstance(value, bool | int | float) or (
        isinstance(value, str) and 0 < len(value) < 200
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _time(value: object) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


# -- is it true?


def judge(conditions: Condition, known: Known) -> bool | None:
    """True, False, or None: it depends on what only a visitor's consent would tell."""
    if "of" not in conditions:
        return True if not conditions else _judge_leaf(conditions, known)
    found = [judge(part, known) for part in conditions["of"]]
    if conditions["match"] == "any" and found:
        return True if True in found else (None if None in found else False)
    return False if False in found else (None if None in found else True)


def _judge_leaf(leaf: Condition, known: Known) -> bool | None:
    fact, op = FACTS[leaf["fact"]], leaf["op"]
    held = _holds(fact, op, leaf, fact.read(known))
    answer = not held if op in _NOT else held
    if not fact.memory or known.memory:
        return answer
    # without memory a count is what this page saw: the truth may be more, never less
    sure = (op == "at_least" and answer) or (op == "at_most" and not answer)
    return answer if sure else None


def _holds(fact: Fact, op: str, leaf: Condition, found: Any) -> bool:
    value = leaf.get("value")
    if fact.kind == "number":
        return found >= value if op == "at_least" else found <= value
    if fact.kind == "text":
        return fnmatchcase(text.fold(found), text.fold(str(value)))
    if fact.kind == "yes":
        return bool(found)
    if fact.kind == "hours":
        return _between(found, str(leaf["value"][0]), str(leaf["value"][1]))
    if fact.kind == "days":
        return found in leaf["value"]
    if fact.kind == "event":
        return value in found
    if fact.kind == "data":
        return _data_holds(op, found.get(leaf["key"]), value)
    return bool(found == value)


def _between(now: time, first: str, last: str) -> bool:
    start, end = time.fromisoformat(first), time.fromisoformat(last)
    return start <= now < end if start <= end else now >= start or now < end


def _data_holds(op: str, found: Any, value: Any) -> bool:
    if op in ("more", "less"):
        number = _number(found)
        return number is not None and (number > value if op == "more" else number < value)
    return found is not None and str(found).lower() == str(value).lower()


# -- in words


def leaves(conditions: Condition) -> Any:
    """Every single condition, groups opened."""
    if not conditions:
        return
    if "of" not in conditions:
        yield conditions
        return
    for part in conditions["of"]:
        if isinstance(part, dict):
            yield from leaves(part)


def facts_of(conditions: Condition) -> set[str]:
    return {str(leaf.get("fact")) for leaf in leaves(conditions)}


def words(conditions: Condition) -> str:
    """ "time on the page is at least 60 s and (device is phone or page scrolled to …)"."""
    if "of" not in conditions:
        return _leaf_words(conditions) if conditions else ""
    joint = f" {_('and')} " if conditions["match"] == "all" else f" {_('or')} "
    parts = [
        f"({words(part)})" if len(part.get("of", [])) > 1 else words(part)
        for part in conditions["of"]
    ]
    return joint.join(part for part in parts if part)


def _leaf_words(leaf: Condition) -> str:
    fact = FACTS[leaf["fact"]]
    op = OPS[fact.kind][leaf["op"]]
    if fact.kind == "yes":
        return f"{fact.label}{_(': ')}{op}"
    if fact.kind == "event":
        return f"“{leaf['value']}” {op}"
    label = leaf["key"] if fact.kind == "data" else fact.label
    return " ".join(str(part) for part in (label, op, _value_words(fact, leaf), fact.unit) if part)


def _value_words(fact: Fact, leaf: Condition) -> str:
    value = leaf["value"]
    if fact.kind == "choice":
        return str(dict(fact.choices)[value])
    if fact.kind == "hours":
        return f"{value[0]} {_('and')} {value[1]}"
    if fact.kind == "days":
        return ", ".join(str(WEEKDAYS[day]) for day in value)
    return str(value)


def false_ones(conditions: Condition, known: Known) -> list[str]:
    """In words, what is not fulfilled: what the simulator shows beside a rule that stays quiet."""
    return [_leaf_words(leaf) for leaf in leaves(conditions) if judge(leaf, known) is not True]
