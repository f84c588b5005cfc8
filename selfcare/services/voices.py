"""What customers said of exchanges, for the agent's own page and beside figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

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


def words_on(user: Any, exchanges: Sequence[int]) -> dict[int, str]:
    """By exchange, of those whose answers this colleague may read."""
    said = Answer.objects.visible_to(user).with_words()
    rows = said.filter(invitation__interaction__in=exchanges)
    return dict(rows.values_list("invitation__interaction", "comment"))
