"""The designer: a survey's questions as rows, written in a draft and published as a version.

Every button sends the whole form, so that nothing written is lost, and works without scripts."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from crm.admin import pages
from selfcare.models import LANGUAGES, Survey
from selfcare.services import designs, questions, survey_texts
from selfcare.services.questions import Question

CHANGE = "selfcare.change_survey"
KINDS = {
    "satisfaction": _("Satisfaction, 1 to 5"),
    "effort": _("Effort, 1 to 7"),
    "recommendation": _("Recommendation, 0 to 10"),
    "yes_no": _("Yes or no"),
    "choice": _("Choice"),
    "text": _("Text"),
}


@require_http_methods(["GET", "POST"])
def designer(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey.objects.prefetch_related("versions"), pk=pk)
    may_change = request.user.has_perm(CHANGE)  # type: ignore[union-attr]
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        return _press(request, survey)
    written = designs.draft(survey)
    problems = designs.problems(written)
    rows = [
        {
            "question": question,
            "kind": KINDS[question["kind"]],
            "conditions": _conditions(written, place),
            "choices": _lines(question),
            "is_required": questions.is_required(question),
            "has_ends": question["kind"] in designs.ENDS,
            "problems": [words for where, words in problems if where == place],
            "is_here": question["key"] == request.GET.get("at"),
        }
        for place, question in enumerate(written)
    ]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": survey.name,
        "survey": survey,
        "latest": survey.versions.first(),
        "is_draft": survey.draft is not None,
        "rows": rows,
        "problems": [words for where, words in problems if where is None],
        "problem_count": len(problems),
        "addable": [(kind, KINDS[kind]) for kind in designs.addable(written)],
        "may_change": may_change,
        "previews": [(code, _preview(survey, code)) for code, _name in LANGUAGES],
        "versions": survey.versions.all(),
    }
    return render(request, "selfcare/console/survey_designer.html", context)


def _preview(survey: Survey, code: str) -> str:
    with override(code):
        return reverse("selfcare:survey_preview", args=[survey.pk])


def _lines(question: Question) -> dict[str, str]:
    choices = question.get("choices", [])
    return {code: "\n".join(choice[code] for choice in choices) for code in ("fr", "en")}


# --- conditions: one list of all that can be meant, so that nothing else can be ----------------


def _conditions(written: list[Question], place: int) -> list[dict[str, Any]]:
    """The groups of the list: an earlier question, and what may be answered to it."""
    chosen = _code(written[place].get("when"))
    groups = [
        {
            "label": f"{number}. {question['text'].get('fr') or KINDS[question['kind']]}",
            "options": _options(question),
        }
        for number, question in enumerate(written[:place], start=1)
        if question["kind"] != "text"
    ]
    known = {code for group in groups for code, _words in group["options"]}
    if chosen and chosen not in known:  # shown, so that it can be mended
        lost = gettext("a question that comes later or is gone")
        groups.append({"label": "?", "options": [(chosen, lost)]})
    return [{**group, "chosen": chosen} for group in groups]


def _options(question: Question) -> list[tuple[str, str]]:
    key, kind = question["key"], question["kind"]
    if kind in questions.SCALES:
        low, high = questions.SCALES[kind]
        most = [
            (f"{key}:at_most:{n}", gettext("at most %(n)d") % {"n": n}) for n in range(low, high)
        ]
        least = [
            (f"{key}:at_least:{n}", gettext("at least %(n)d") % {"n": n})
            for n in range(low + 1, high + 1)
        ]
        return most + least
    spoken = questions.spoken(question, "fr")
    return [(f"{key}:is:{value}", label) for value, label in survey_texts.steps(spoken, "fr")]


def _code(when: dict[str, Any] | None) -> str:
    if not when:
        return ""
    name = next(name for name in when if name != "question")
    value = when[name]
    return f"{when['question']}:{name}:{str(value).lower() if isinstance(value, bool) else value}"


def _when(code: str) -> dict[str, Any] | None:
    key, name, value = (code.split(":") + ["", ""])[:3]
    if name in ("at_most", "at_least") and value.isdecimal():
        return {"question": key, name: int(value)}
    if name == "is" and value:
        return {"question": key, "is": {"true": True, "false": False}.get(value, value)}
    return None


# --- pressing ---------------------------------------------------------------------------------


def _press(request: HttpRequest, survey: Survey) -> HttpResponse:
    verb, _colon, key = request.POST.get("verb", "save").partition(":")
    if verb == "discard":
        designs.discard(survey)
        messages.success(request, gettext("The draft is thrown away."))
        return _back(survey)
    written = [_read(request, question) for question in designs.draft(survey)]
    if verb in ("up", "down", "remove"):
        written = _moved(written, verb, key)
    elif verb == "add" and request.POST.get("kind") in designs.addable(written):
        made = designs.new_question(survey, written, request.POST["kind"])
        written.append(made)
        key = made["key"]
    designs.save(survey, written)
    if verb == "publish":
        _publish(request, survey)
    elif verb == "save":
        messages.success(request, gettext("Draft saved. Customers see it once it is published."))
    return _back(survey, key)


def _publish(request: HttpRequest, survey: Survey) -> None:
    try:
        made = designs.publish(survey)
    except designs.Faulty as faults:
        count = len(faults.problems)
        messages.error(request, gettext("Not published: %(n)d things to mend.") % {"n": count})
        return
    words = gettext("Version %(n)d is asked from now on.") % {"n": made.number}
    messages.success(request, words)


def _back(survey: Survey, key: str = "") -> HttpResponse:
    address = reverse("admin:survey_designer", args=[survey.pk])
    return redirect(f"{address}?{urlencode({'at': key})}#q-{key}" if key else address)


def _moved(written: list[Question], verb: str, key: str) -> list[Question]:
    place = next((n for n, question in enumerate(written) if question["key"] == key), None)
    if place is None:
        return written
    question = written.pop(place)
    if verb != "remove":
        written.insert(max(0, place + (1 if verb == "down" else -1)), question)
    return written


def _read(request: HttpRequest, question: Question) -> Question:
    """The question as its row says; what the row does not say stays."""

    def said(name: str, longest: int = designs.LONGEST) -> str:
        text = request.POST.get(f"{question['key']}-{name}", "")
        return text.replace("\x00", "").strip()[:longest]

    if f"{question['key']}-fr" not in request.POST:
        return question  # added in another window
    read = {
        **question,
        "text": {"fr": said("fr"), "en": said("en")},
        "required": bool(said("required")),
    }
    if question["kind"] in designs.ENDS:
        read["ends"] = {
            code: [said(f"low-{code}", 60), said(f"high-{code}", 60)] for code in ("fr", "en")
        }
    if question["kind"] == "choice":
        fr, en = (
            [
                line.strip()[:80]
                for line in said(f"choices-{code}", 2000).splitlines()
                if line.strip()
            ]
            for code in ("fr", "en")
        )
        read["choices"] = designs.with_choices(question, fr, en)
    when = _when(said("when"))
    return {**read, "when": when} if when else {k: v for k, v in read.items() if k != "when"}


pages.register_page(
    "surveys/<int:pk>/questions/", designer, "survey_designer", permission="selfcare.view_survey"
)
