"""What the shipped survey asks, and how its card and its mail are put.

The wording of the effort question is fixed: figures of different years stay comparable."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import Interaction
from selfcare.models import SurveyInvitation
from selfcare.services import links

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


def _title(invitation: SurveyInvitation, language: str) -> str:
    questions = invitation.version.questions_in(language) if invitation.version else []
    return next((q["text"] for q in questions if q["key"] == "score"), "")


def card(invitation: SurveyInvitation, interaction: Interaction, token: str) -> dict[str, Any]:
    """The body of the card message: the widget draws it and posts to its address."""
    language = interaction.language
    with override(language):
        words = {"thanks": _("Thank you for your answer."), "more": _("Say more")}
    return {
        "card": "survey",
        "title": _title(invitation, language),
        "labels": labels(language),
        "post": links.path("survey_score", language, token),
        "page": links.path("survey", language, token),
        **words,
    }


def mail(invitation: SurveyInvitation, interaction: Interaction, token: str) -> dict[str, Any]:
    """What the mail's template needs. Its buttons only preselect: the page asks to confirm, so
    that a scanner that opens every link does not vote."""
    language = interaction.language
    page = links.address("survey", language, token)
    return {
        "name": interaction.customer.addressed(language),
        "reference": interaction.reference,
        "adviser": interaction.closed_by.display_name if interaction.closed_by else "",
        "called": interaction.channel == "callback",
        "title": _title(invitation, language),
        "page": page,
        "stop": links.address("survey_stop", language, token),
        "choices": [
            {"score": number, "label": label, "link": f"{page}?score={number}"}
            for number, label in enumerate(labels(language), start=1)
        ],
    }


def card_key(invitation: SurveyInvitation) -> str:
    """The card's own line, found again to be redrawn."""
    return f"survey:{invitation.pk}"
