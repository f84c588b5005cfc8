"""What self-care's tables ask somebody to do on Mondays."""

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import clock
from crm.reports import words
from crm.reports.cut import Cut
from crm.reports.monday import Advice
from selfcare.models import FollowUp
from selfcare.services import failed_searches

WORTH_SAYING = 5  # visits that looked for the same in vain


def failed_search(cut: Cut) -> list[Advice]:
    """What most visits of the last month looked for in vain."""
    found = failed_searches.worklist(limit=1)
    if not found or len(found[0].visits) < WORTH_SAYING:
        return []
    worth = len(found[0].visits)
    text = _("Write an article for “%(what)s”: %(n)s visits searched for it in vain.") % {
        "what": found[0].text,
        "n": words.count(worth),
    }
    return [Advice(worth, text, reverse("admin:failed_searches"))]


def late_follow_ups(cut: Cut) -> list[Advice]:
    """Low scores that nobody has followed up in time."""
    worth = FollowUp.objects.open().filter(due_at__lt=clock.now()).count()
    if not worth:
        return []
    text = _("Call back those who were not satisfied: %(n)s follow-ups are late.") % {
        "n": words.count(worth)
    }
    return [Advice(worth, text, reverse("admin:follow_ups"))]
