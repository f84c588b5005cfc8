"""What customers use alone. Import from here: `from selfcare.models import Article, Callback`."""

from .article import (
    Article,
    Category,
    OldAddress,
    SearchStamp,
    Translation,
    Vote,
)
from .callback import Callback, CallbackAttempt
from .survey import Answer, AnswerChange, Survey, SurveyInvitation, SurveyVersion

__all__ = [
    "Answer", "AnswerChange", "Article", "Callback", "CallbackAttempt", "Category", "OldAddress",
    "SearchStamp", "Survey", "SurveyInvitation", "SurveyVersion", "Translation", "Vote",
]
