"""What the shipped survey asks, and how its card and its mail are put.

The wording of the effort question is fixed: figures of different years stay comparable."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import Interaction
from selfcare.models import SurveyInvitation
from selfcare.services import links, questions

NAME = "Satisfaction"

QUESTIONS: list[dict[str, Any]] = [
    {
        "key": "score",
        "kind": "satisfaction",
        "text": {
            "fr": "Êtes-vous satisfait de cet échange ?",
            "en": "How satisfied are you with this exchange?",
        },
        "ends": {
            "fr": ["Pas du tout satisfait", "Tout à fait satisfait"],
            "en": ["Not at all satisfied", "Completely satisfied"],
        },
    },
    {
        "key": "solved",
        "kind": "yes_no",
        "text": {
            "fr": "Votre demande est-elle résolue ?",
            "en": "Is your request solved?",
        },
    },
    {
        "key": "effort",
        "kind": "effort",
        "text": {
            "fr": "« Il m’a été facile d’obtenir une réponse à ma demande. »",
            "en": "“It was easy to get an answer to my request.”",
        },
        "ends": {
            "fr": ["Pas du tout d’accord", "Tout à fait d’accord"],
            "en": ["Do not agree at all", "Agree completely"],
        },
    },
    {
        "key": "comment",
        "kind": "text",
        "text": {
            "fr": "Qu’est-ce qui vous a plu, qu’est-ce qui a manqué ?",
            "en": "What did you like, what was missing?",
        },
    },
]


def labels(language: str) -> list[str]:
    """A word for each of the five steps: no step has a meaning by colour or face alone."""
    with override(language[:2]):
        return [
            _("Not at all satisfied"),
            _("Rather not satisfied"),
            _("Neither one nor the other"),
            _("Rather satisfied"),
            _("Completely satisfied"),
        ]


def steps(question: questions.Question, language: str) -> list[tuple[str, str]]:
    """(what is sent, what is read) of each step; no words: the number is read."""
    kind = question["kind"]
    if kind == "satisfaction":
        return [(str(number), label) for number, label in enumerate(labels(language), start=1)]
    if kind == "yes_no":
        with override(language[:2]):
            return [("true", _("Yes")), ("false", _("No"))]
    if kind == "choice":
        return [(choice["key"], choice["label"]) for choice in question["choices"]]
    if kind == "text":
        return []
    low, high = questions.SCALES[kind]
    return [(str(number), "") for number in range(low, high + 1)]


def _lead(invitation: SurveyInvitation, language: str) -> questions.Question | None:
    found = questions.lead(invitation.questions())
    return questions.spoken(found, language) if found else None


def card(invitation: SurveyInvitation, interaction: Interaction, token: str) -> dict[str, Any]:
    """The body of the card message: the widget draws it and posts to its address. What the chat
    cannot ask with five steps is a way to the page."""
    language = interaction.language
    page = links.path("survey", language, token)
    found = _lead(invitation, language)
    with override(language):
        if found is None or found["kind"] != "satisfaction":
            title, way = _("Your opinion"), _("Answer on the page")
            return {"card": "survey", "title": title, "ways": [{"label": way, "url": page}]}
        words = {"thanks": _("Thank you for your answer."), "more": _("Say more")}
    return {
        "card": "survey",
        "title": found["text"],
        "labels": labels(language),
        "post": links.path("survey_score", language, token),
        "page": page,
        **words,
    }


def mail(invitation: SurveyInvitation, interaction: Interaction, token: str) -> dict[str, Any]:
    """What the mail's template needs. Its buttons only preselect: the page asks to confirm, so
    that a scanner that opens every link does not vote."""
    language = interaction.language
    page = links.address("survey", language, token)
    found = _lead(invitation, language)
    title, choices = "", []
    if found:
        title = found["text"]
        ends = found["ends"] or ["", ""]
        choices = [
            {"score": value, "label": label, "link": f"{page}?{found['key']}={value}"}
            for value, label in steps(found, language)
        ]
        choices[0]["label"] = choices[0]["label"] or ends[0]
        choices[-1]["label"] = choices[-1]["label"] or ends[1]
    return {
        "name": interaction.customer.addressed(language),
        "reference": interaction.reference,
        "adviser": interaction.closed_by.display_name if interaction.closed_by else "",
        "called": interaction.channel == "callback",
        "reminder": invitation.reminded_at is not None,
        "title": title,
        "page": page,
        "stop": links.address("survey_stop", language, token),
        "choices": choices,
    }


def card_key(invitation: SurveyInvitation) -> str:
    """The card's own line, found again to be redrawn."""
    return f"survey:{invitation.pk}"
