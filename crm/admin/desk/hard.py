"""Hard moments at the desk: the sheet that is read, and what its key does."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction
from crm.models.hard_moment import Hard
from crm.services import hard_moments

from .checks import mine
from .refusal import Refusal


def sheets(row: Interaction) -> dict[str, Any]:
    """By kind: what the agent does, and what the customer would read."""
    found = {kind: hard_moments.sheet(row, kind) for kind in Hard.values}
    language = get_language() or "fr"
    return {
        kind: {
            "label": str(Hard(kind).label),
            "steps": one.sheet(language).splitlines() if one else [],
            "said": one.said(row.language) if one else "",
        }
        for kind, one in found.items()
    }


def declare(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    kind = request.POST.get("kind", "")
    if kind not in Hard.values:
        raise Refusal("malformed", _("Say what it is."), 400)
    hard_moments.declare(row, kind, by=agent)


def end(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    try:
        hard_moments.end(row, by=agent)
    except hard_moments.NotWarned:
        raise Refusal("not_warned", _("Warn the customer first.")) from None


VERBS: dict[str, Any] = {"hard": declare, "hard_end": end}
