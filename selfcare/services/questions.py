"""What a survey may ask, and what counts as an answer: rules on the JSON of a version, no rows.

    {"key": "effort", "kind": "effort", "required": False,
     "text": {"fr": …, "en": …}, "ends": {"fr": [low, high], "en": …},  # scales
     "choices": [{"key": "c1", "fr": …, "en": …}],                      # choice
     "when": {"question": "score", "at_most": 2}}                       # or at_least, is

Keys never change their meaning within a survey, so that answers of several versions compare."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Question = dict[str, Any]
Values = Mapping[str, Any]

SCALES = {"satisfaction": (1, 5), "effort": (1, 7), "recommendation": (0, 10)}
SCALE_KEYS = {"satisfaction": "score", "effort": "effort", "recommendation": "recommendation"}
LONGEST = 4000
MOST = 20  # questions of a survey
# a question of text after the first; what stands there was written by hand
MORE_TEXTS = tuple(f"text{number}" for number in range(2, 200))


def is_text(key: str) -> bool:
    return key == "comment" or key in MORE_TEXTS


def is_key_of(key: str, kind: str) -> bool:
    """Is this a key that questions of that kind have?"""
    stems = {"yes_no": ("solved", "yes"), "choice": ("choice",), "text": ("comment", "text")}
    return key.rstrip("0123456789") in stems.get(kind, (SCALE_KEYS.get(kind),))


def spoken(question: Question, language: str) -> Question:
    """With the words of one language, French where there are none."""
    lang = "en" if language.startswith("en") else "fr"
    ends = question.get("ends", {})
    return {
        **question,
        "text": question["text"].get(lang) or question["text"]["fr"],
        "ends": ends.get(lang) or ends.get("fr", []),
        "choices": [
            {"key": choice["key"], "label": choice.get(lang) or choice["fr"]}
            for choice in question.get("choices", [])
        ],
        "required": is_required(question),
    }


def is_required(question: Question) -> bool:
    return bool(question.get("required", question["kind"] == "satisfaction"))


def lead(questions: Sequence[Question]) -> Question | None:
    """What a mail or a card asks with one tap: the first scale that everybody is asked."""
    always = [q for q in questions if not q.get("when") and q["kind"] in SCALES]
    return next((q for q in always if q["kind"] == "satisfaction"), always[0] if always else None)


def on_page(questions: Sequence[Question], page: int, values: Values) -> list[Question]:
    """Page 0 asks what everybody is asked; each further one what the pages before made needed."""
    return [
        question
        for question in questions
        if _depth(question, questions) == page and _met(question.get("when"), values)
    ]


def next_page(questions: Sequence[Question], page: int, values: Values) -> int | None:
    """The next page on which anything is asked of somebody who answered this."""
    later = range(page + 1, len(questions))
    return next((number for number in later if on_page(questions, number, values)), None)


def _depth(question: Question, questions: Sequence[Question]) -> int | None:
    """How many conditions stand in a row before it; None: it hangs on what is not asked."""
    depth = 0
    by_key = {q["key"]: q for q in questions}
    while when := question.get("when"):
        depth += 1
        if when["question"] not in by_key or depth > len(questions):
            return None
        question = by_key[when["question"]]
    return depth


def _met(when: dict[str, Any] | None, values: Values) -> bool:
    if not when:
        return True
    value = values.get(when["question"])
    if value is None:
        return False
    if "at_most" in when:
        return bool(value <= when["at_most"])
    if "at_least" in when:
        return bool(value >= when["at_least"])
    return bool(value == when["is"])


def read(question: Question, raw: Any) -> Any:
    """What was answered; None: nothing. Raises ValueError for what is no answer to it."""
    kind = question["kind"]
    if raw is None or raw == "":
        return None
    if kind == "text":
        return str(raw).replace("\x00", "").strip()[:LONGEST] or None
    if kind == "yes_no":
        return {"true": True, "false": False}[str(raw).lower()]
    if kind == "choice":
        if raw not in [choice["key"] for choice in question["choices"]]:
            raise ValueError(raw)
        return raw
    low, high = SCALES[kind]
    if not low <= (number := int(str(raw))) <= high:
        raise ValueError(raw)
    return number


def read_all(questions: Iterable[Question], data: Values) -> tuple[dict[str, Any], list[str]]:
    """(what was answered, the keys of what is no answer)."""
    values, faults = {}, []
    for question in questions:
        try:
            value = read(question, data.get(question["key"]))
        except (ValueError, KeyError):
            faults.append(question["key"])
        else:
            if value is not None:
                values[question["key"]] = value
    return values, faults
