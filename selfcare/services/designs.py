"""Designing a survey: questions are written in a draft, and published as the next version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock
from crm.services import audit
from selfcare.models import Survey, SurveyVersion
from selfcare.services import questions
from selfcare.services.questions import Question

KINDS = ("satisfaction", "effort", "recommendation", "yes_no", "choice", "text")
ENDS = ("effort", "recommendation")  # the steps of satisfaction have words of their own
MOST_CHOICES = 12
LONGEST = 300  # characters of a question


class Faulty(Exception):
    """The draft cannot be published: [(place or None, what is wrong in words)]."""

    def __init__(self, problems: list[tuple[int | None, str]]) -> None:
        super().__init__(problems)
        self.problems = problems


def draft(survey: Survey) -> list[Question]:
    """What is being written; to begin with, a copy of what is asked."""
    if survey.draft is not None:
        return list(survey.draft)
    latest = survey.versions.first()
    return list(latest.questions) if latest else []


def save(survey: Survey, written: Sequence[Question]) -> None:
    survey.draft = list(written)
    survey.save(update_fields=["draft"])


def discard(survey: Survey) -> None:
    survey.draft = None
    survey.save(update_fields=["draft"])


@transaction.atomic
def publish(survey: Survey, at: datetime | None = None) -> SurveyVersion:
    """The draft becomes the next version, asked from now on; whoever was asked before is asked
    what they were. Without a change the latest version stays. Raises Faulty."""
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    written = draft(survey)
    if found := problems(written):
        raise Faulty(found)
    latest = survey.versions.first()
    if latest and latest.questions == written:
        discard(survey)
        return latest
    made = SurveyVersion.objects.create(
        survey=survey,
        number=latest.number + 1 if latest else 1,
        questions=written,
        created_at=at or clock.now(),
    )
    discard(survey)
    audit.record(
        audit.Verb.CREATED, model="selfcare.surveyversion", object_id=made.pk, fields=["questions"]
    )
    return made


# --- writing ----------------------------------------------------------------------------------


def addable(written: Sequence[Question]) -> list[str]:
    """Of the three scales each is asked once; the rest as often as one likes."""
    used = {question["kind"] for question in written}
    if len(written) >= questions.MOST:
        return []
    return [kind for kind in KINDS if kind not in questions.SCALES or kind not in used]


def new_question(survey: Survey, written: Sequence[Question], kind: str) -> Question:
    """An empty one. Its key was never another question's of this survey."""
    question: Question = {
        "key": _new_key(survey, written, kind),
        "kind": kind,
        "text": {"fr": "", "en": ""},
        "required": kind == "satisfaction",
    }
    if kind in ENDS:
        question["ends"] = {"fr": ["", ""], "en": ["", ""]}
    if kind == "choice":
        question["choices"] = []
    return question


def _new_key(survey: Survey, written: Sequence[Question], kind: str) -> str:
    if kind in questions.SCALES:
        return questions.SCALE_KEYS[kind]
    first, stem = {
        "yes_no": ("solved", "yes"),
        "choice": ("", "choice"),
        "text": ("comment", "text"),
    }[kind]
    if first and first not in {question["key"] for question in written}:
        return first
    asked = [q for version in survey.versions.all() for q in version.questions] + list(written)
    used = {question["key"] for question in asked}
    return next(key for n in range(2, 200) if (key := f"{stem}{n}") not in used)


def with_choices(question: Question, fr: Sequence[str], en: Sequence[str]) -> list[dict[str, str]]:
    """The choices in their order, each with the key that its French words had: moving a choice
    does not change what was chosen."""
    known = {choice["fr"]: choice["key"] for choice in question.get("choices", [])}
    number = max([int(key[1:]) for key in known.values()], default=0)
    made = []
    for place, words in enumerate(fr[:MOST_CHOICES]):
        if words not in known:
            number += 1
            known[words] = f"c{number}"
        made.append({"key": known[words], "fr": words, "en": en[place] if place < len(en) else ""})
    return made


# --- judging ----------------------------------------------------------------------------------


def problems(written: Sequence[Question]) -> list[tuple[int | None, str]]:
    """What stands in the way of publishing, by place of the question."""
    found: list[tuple[int | None, str]] = []
    if not written:
        found.append((None, _("There is no question.")))
    elif not questions.on_page(written, 0, {}):
        found.append((None, _("Every question has a condition: nobody would be asked anything.")))
    for place, question in enumerate(written):
        said = [*_words(question), *_condition(question, written[:place])]
        found += [(place, words) for words in said]
    return found


def _words(question: Question) -> list[str]:
    said = []
    if not all(question["text"].get(language) for language in ("fr", "en")):
        said.append(_("The question needs its words in both languages."))
    ends = question.get("ends", {})
    if question["kind"] in ENDS and not all(
        end for language in ("fr", "en") for end in ends.get(language, [""])
    ):
        said.append(_("Both ends of the scale need a name in both languages."))
    choices = question.get("choices", [])
    if question["kind"] == "choice":
        if len(choices) < 2:
            said.append(_("Give at least two choices."))
        if not all(choice["fr"] and choice["en"] for choice in choices):
            said.append(_("Each choice needs its words in both languages, line by line."))
        if len({choice["key"] for choice in choices}) < len(choices):
            said.append(_("Two choices are the same."))
    return said


def _condition(question: Question, before: Sequence[Question]) -> list[str]:
    when = question.get("when")
    if not when:
        return []
    asked = next((q for q in before if q["key"] == when["question"]), None)
    if asked is None:
        return [_("The condition must be about an earlier question.")]
    if not _fits(asked, when):
        return [_("The condition does not fit the answers of that question.")]
    return []


def _fits(asked: Question, when: dict[str, Any]) -> bool:
    bounds = questions.SCALES.get(asked["kind"])
    value = next(value for name, value in when.items() if name != "question")
    if bounds:
        return isinstance(value, int) and bounds[0] <= value <= bounds[1]
    if "is" not in when or asked["kind"] == "text":
        return False
    if asked["kind"] == "yes_no":
        return isinstance(value, bool)
    return value in {choice["key"] for choice in asked.get("choices", [])}
