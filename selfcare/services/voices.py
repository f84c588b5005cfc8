"""What customers said of an agent's exchanges, for the agent's own page."""

from datetime import datetime

from crm import registry
from crm.models import Agent
from selfcare.models import Answer

_MOST = 60


def comments(agent: Agent, since: datetime) -> list[registry.Comment]:
    """Newest first."""
    said = Answer.objects.filter(invitation__agent=agent, answered_at__gte=since)
    rows = said.with_words().select_related("invitation").order_by("-answered_at")[:_MOST]
    return [
        registry.Comment(one.comment, one.score, one.answered_at, one.invitation.interaction_id)
        for one in rows
    ]
