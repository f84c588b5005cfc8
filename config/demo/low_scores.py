"""What the demo's leads find to do: the low scores of the last days, some of them done."""

from datetime import timedelta

from crm import clock
from crm.models import User
from selfcare.models import Answer
from selfcare.services import comments, follow_ups

_DAYS = 3
_MOST = 12
_NOTE = "Rappelé : excuses, geste de 10 € sur la prochaine facture. Apaisé."


def follow_up(by: User) -> None:
    recent = Answer.objects.filter(
        score__lte=2, answered_at__gt=clock.now() - timedelta(days=_DAYS)
    )
    rows = recent.select_related(
        "invitation__version__survey", "invitation__interaction__queue__schedule"
    )
    for place, answer in enumerate(rows.order_by("-answered_at")[:_MOST]):
        found = follow_ups.open_if_low(answer.invitation, answer, answer.answered_at)
        if found and place % 4 == 3:
            follow_ups.finish(found.pk, by, _NOTE)
    comments.tag(recent.filter(folded__contains="attente"), ["attente"])
