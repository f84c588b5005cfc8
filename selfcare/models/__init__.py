"""Self-care's nouns. Import from here: `from selfcare.models import Article, Callback`."""

from .article import (
    LANGUAGES,
    Article,
    Category,
    OldAddress,
    SearchStamp,
    Translation,
    Vote,
)
from .call_rule import CallRule
from .callback import Callback, CallbackAttempt
from .directory import Action, PhoneNumber, SubjectManners
from .incident import (
    Incident,
    IncidentAnswer,
    IncidentDelivery,
    IncidentLink,
    IncidentWatcher,
)
from .survey import Answer, AnswerChange, Survey, SurveyInvitation, SurveyVersion
from .synonym import SearchDealtWith, Synonyms

__all__ = [
    "LANGUAGES",
    "Action",
    "PhoneNumber",
    "SubjectManners",
    "Answer",
    "AnswerChange",
    "Article",
    "CallRule",
    "Callback",
    "CallbackAttempt",
    "Category",
    "Incident",
    "IncidentAnswer",
    "IncidentDelivery",
    "IncidentLink",
    "IncidentWatcher",
    "OldAddress",
    "SearchDealtWith",
    "SearchStamp",
    "Synonyms",
    "Survey",
    "SurveyInvitation",
    "SurveyVersion",
    "Translation",
    "Vote",
]
