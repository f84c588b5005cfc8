"""Questions as the tests write them."""

from selfcare.models import SurveyVersion

ENDS = {"fr": ["Pas du tout", "Tout à fait"], "en": ["Not at all", "Completely"]}


def question(kind, key="", **more):
    words = {"fr": f"Question {kind} ?", "en": f"Question {kind}?"}
    made = {"key": key or {"satisfaction": "score"}.get(kind, kind), "kind": kind, "text": words}
    if kind in ("effort", "recommendation"):
        made["ends"] = ENDS
    return made | more


def ask(survey, *questions):
    """The next version of it."""
    number = survey.versions.count() + 1
    return SurveyVersion.objects.create(survey=survey, number=number, questions=list(questions))
