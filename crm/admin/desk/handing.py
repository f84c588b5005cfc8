"""Handing over at the desk: to a queue or colleague, in another channel, a colleague beside me, and
the next one in line."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Agent, AgentState, Interaction, Queue, Subject
from crm.services import going_on, interactions, posting, presence, routing

from .checks import mine, mine_or_nobodys, moment, named_colleague, named_subject, number
from .refusal import Refusal


def transfer(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine_or_nobodys(row, agent)
    colleague = next(iter(named_colleague(request)), None)
    queue = None
    if key := number(request, "to_queue"):
        queue = Queue.objects.filter(pk=key).first()
    if (colleague is None) == (queue is None) or colleague == agent:
        raise Refusal("malformed", _("Choose a queue or a colleague."), 400)
    note = request.POST.get("note", "")[:5000].strip()
    interactions.transfer(row, by=agent, to_agent=colleague, to_queue=queue, note=note)


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


def go_on(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine_or_nobodys(row, agent)
    subject = named_subject(request.POST)
    try:
        going_on.go_on(
            row,
            request.POST.get("channel", ""),
            by=agent,
            address=request.POST.get("address", "")[:254],
            moment=moment(request, "moment"),
            subject=subject,
            note=request.POST.get("note", "")[:5000],
        )
    except registry.CannotGoOn as refusal:
        raise Refusal("cannot_go_on", str(refusal)) from None


def join(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    colleague = next(iter(named_colleague(request)), None)
    if colleague is None:
        raise Refusal("malformed", _("Choose a colleague."), 400)
    try:
        interactions.join(row, colleague, by=agent)
    except interactions.NoRoom as full:
        words = ", ".join(routing.words(full.codes))
        said = _("%(name)s: %(why)s.") % {"name": colleague, "why": words}
        raise Refusal("no_room", said) from None


def part(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Whoever assists leaves; the holder goes on alone."""
    interactions.part(row, agent)


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
