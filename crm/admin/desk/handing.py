"""Handing over at the desk: going on in another channel, a colleague beside me, more time, and the
next one in line."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Agent, AgentState, Interaction, Subject
from crm.services import going_on, interactions, posting, presence, routing

from .refusal import Refusal


def ways(row: Interaction, subject: Subject | None) -> list[dict[str, Any]]:
    """Where this exchange may go on, at which address, and when."""
    return [
        {
            "channel": way.channel,
            "label": str(way.label),
            "addresses": way.addresses(row),
            "moments": _moments(way, row, subject),
        }
        for way in going_on.ways(row)
    ]


def _moments(
    way: registry.Continuation, row: Interaction, subject: Subject | None
) -> list[dict[str, Any]] | None:
    if way.moments is None:
        return None
    return [
        {"at": posting.iso(when.at) if when.at else "", "label": when.label}
        for when in (way.moments(row, subject) if subject else [])
    ]


def go_on(request: HttpRequest, row: Interaction, agent: Agent, subject: Subject | None) -> None:
    try:
        going_on.go_on(
            row,
            request.POST.get("channel", ""),
            by=agent,
            address=request.POST.get("address", "")[:254],
            moment=_moment(request),
            subject=subject,
            note=request.POST.get("note", "")[:5000],
        )
    except registry.CannotGoOn as refusal:
        raise Refusal("cannot_go_on", str(refusal)) from None


def _moment(request: HttpRequest) -> datetime | None:
    try:
        moment = parse_datetime(request.POST.get("moment", ""))
    except ValueError:
        moment = None
    return moment if moment and moment.tzinfo else None


def join(row: Interaction, agent: Agent, colleague: Agent | None) -> None:
    if colleague is None:
        raise Refusal("malformed", _("Choose a colleague."), 400)
    try:
        interactions.join(row, colleague, by=agent)
    except interactions.NoRoom as full:
        words = ", ".join(routing.words(full.codes))
        said = _("%(name)s: %(why)s.") % {"name": colleague, "why": words}
        raise Refusal("no_room", said) from None


def next_please(agent: Agent) -> Interaction:
    """The first one that the agent may take, or why there is none."""
    presence.beat(agent)  # who asks is here
    row = routing.next_please(agent)
    if row is not None:
        return row
    if presence.state_of(agent) not in AgentState.READY:
        raise Refusal("not_ready", _("Set yourself available first."))
    if Interaction.objects.waiting().filter(queue__in=agent.queues.all()).exists():
        raise Refusal(
            "not_for_you",
            _("What waits is not for you now: your places are taken, or it wants another skill."),
        )
    raise Refusal("nothing", _("Nobody waits in your queues."))
