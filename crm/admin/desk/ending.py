"""Putting work away and taking it up again: waiting, sleeping, closed, reopened, a complaint."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Agent, Complaint, Interaction
from crm.services import agent_pulse, complaints, interactions

from .checks import mine, mine_or_nobodys, moment, named_subject, number
from .refusal import Refusal


def wait(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    interactions.wait_for_customer(row, by=agent)


def snooze(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    until = moment(request, "until")
    if until is None or not _is_ahead(until):
        raise Refusal("malformed", _("Choose a time to come."), 400)
    interactions.snooze(row, by=agent, until=until, closes=bool(request.POST.get("closes")))


def _is_ahead(until: datetime) -> bool:
    return 0 < (until - clock.now()).total_seconds() < 366 * 24 * 3600


def close(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    """Closed; and whether the agent is asked how it was."""
    mine_or_nobodys(row, agent)
    outcome = request.POST.get("outcome", "")
    nature = request.POST.get("nature", "")
    if outcome not in interactions.BY_HAND or nature not in ("", *Interaction.Nature.values):
        raise Refusal("malformed", _("Say what came of it."), 400)
    subject = named_subject(request.POST)
    founded = {"yes": True, "no": False}.get(request.POST.get("founded", ""))
    try:
        said = interactions.next_step(
            outcome, request.POST.get("step", ""), moment(request, "step_by")
        )
    except interactions.NotSaid as missing:
        raise Refusal(missing.code, str(missing.words), 400) from None
    closed = interactions.close(
        row, by=agent, outcome=outcome, real_subject=subject, nature=nature, founded=founded,
        next_step=said,
    )  # fmt: skip
    return {"pulse": agent_pulse.is_asked(closed, agent)}


def prolong(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    interactions.prolong(row, by=agent)


def reopen(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    interactions.take_up(row, agent)


def complain(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Turn it into a complaint, or change whose it is and its level."""
    owner = None
    if key := number(request, "owner"):
        owner = Agent.objects.filter(pk=key, user__is_active=True).first()
        if owner is None:
            raise Refusal("malformed", _("Choose a colleague."), 400)
    if not Complaint.objects.filter(interaction=row.pk).exists():
        complaints.turn_into(row, by=agent, owner=owner)
        return
    if owner:
        complaints.give_to(row, owner, by=agent)
    if request.POST.get("level"):
        complaints.next_level(row, by=agent)
