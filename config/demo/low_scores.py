"""What the demo's leads find to do: the latest low scores; those before them are done."""

from datetime import timedelta

from crm.models import User
from selfcare.models import Answer
from selfcare.services import comments, follow_ups

_LATEST, _OPEN = 12, 4
_NOTE = "Rappelé : excuses, geste de 10 € sur la prochaine facture. Apaisé."


def follow_up(by: User) -> None:
    low = (
        Answer.objects.filter(score__lte=2)
        .order_by("-answered_at")
        .select_related("invitation__version__survey", "invitation__interaction__queue__schedule")
    )
    for place, answer in enumerate(low[:_LATEST]):
        at = answer.answered_at
        found = follow_ups.open_if_low(answer.invitation, answer, at)
        if found and place >= _OPEN:
            follow_ups.finish(found.pk, by, _NOTE, at + timedelta(hours=2))
    comments.tag(Answer.objects.filter(folded__contains="jours"), ["délai"])
