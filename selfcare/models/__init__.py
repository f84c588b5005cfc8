"""Self-care's nouns. Import from here: `from selfcare.models import Article, Callback`."""

from .article import (
    LANGUAGES,
    Article,
    Audience,
    OldAddress,
    SearchStamp,
    Translation,
    Vote,
)
from .article_file import KEPT_BACK, ArticleFile
from .call_rule import CallRule
from .callback import Callback, CallbackAttempt
from .category import Category, OldShelf
from .directory import Action, PhoneNumber, SubjectManners
from .follow_up import FollowUp
from .incident import (
    Incident,
    IncidentAnswer,
    IncidentDelivery,
    IncidentLink,
    IncidentWatcher,
)
from .lesson import Lesson, LessonProof
from .link import Link
from .survey import Survey, SurveyVersion
from .survey_answer import Answer, AnswerChange
from .survey_invitation import SurveyInvitation
from .synonym import SearchDealtWith, Synonyms
from .version import TEXTS, Version

__all__ = [
    "KEPT_BACK",
    "LANGUAGES",
    "TEXTS",
    "Action",
    "PhoneNumber",
    "SubjectManners",
    "Answer",
    "AnswerChange",
    "Article",
    "ArticleFile",
    "Audience",
    "CallRule",
    "Callback",
    "CallbackAttempt",
    "Category",
    "FollowUp",
    "Incident",
    "IncidentAnswer",
    "IncidentDelivery",
    "IncidentLink",
    "IncidentWatcher",
    "Lesson",
    "LessonProof",
    "Link",
    "OldAddress",
    "OldShelf",
    "SearchDealtWith",
    "SearchStamp",
    "Synonyms",
    "Survey",
    "SurveyInvitation",
    "SurveyVersion",
    "Translation",
    "Version",
    "Vote",
]
