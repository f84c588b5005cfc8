"""Colleagues in one exchange: what a lead whispers or takes over, and that it was heard."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Agent, Interaction, Message
from crm.reports import words
from crm.services import access, blocks, interactions, posting, supervising

from . import rows
from .checks import moment, number
from .refusal import Refusal


def whisper(request: HttpRequest, row: Interaction) -> None:
    text = request.POST.get("text", "").strip()
    if not text or len(text) > supervising.LONGEST:
        raise Refusal("malformed", _("Whisper a few words, a thousand characters at most."), 400)
    supervising.whisper(row, text, by=request.user)  # type: ignore[arg-type]


def take_over(request: HttpRequest, row: Interaction) -> None:
    agent = access.agent_of(request.user)
    if agent is None:
        raise Refusal("forbidden", _("Only agents answer customers."), 403)
    supervising.take_over(row, agent)


def block(request: HttpRequest, row: Interaction) -> None:
    until, reason = moment(request, "until"), request.POST.get("reason", "").strip()
    if not request.user.has_perm(blocks.MAY):  # type: ignore[union-attr]
        raise Refusal("forbidden", _("This is for team leads."), 403)
    if len(reason) < 5 or len(reason) > 300:
        raise Refusal("malformed", _("Give the reason in a few words."), 400)
    try:
        blocks.block(row.customer, reason=reason, until=until or row.opened_at, by=request.user)  # type: ignore[arg-type]
    except blocks.BadEnd:
        raise Refusal("malformed", _("Choose an end within a year."), 400) from None
    interactions.tell(row, "blocked", reason=reason, until=posting.iso(until) if until else "")


def unblock(request: HttpRequest, row: Interaction) -> None:
    if not request.user.has_perm("crm.change_block"):  # type: ignore[union-attr]
        raise Refusal("forbidden", _("This is for team leads."), 403)
    for one in blocks.running().filter(customer=row.customer_id):
        blocks.lift(one, by=request.user)  # type: ignore[arg-type]
    interactions.tell(row, "unblocked")


SUPERVISING = {"whisper": whisper, "take_over": take_over, "block": block, "unblock": unblock}


def supervise(request: HttpRequest, row: Interaction, verb: str) -> JsonResponse:
    """One of them, and the row afterwards; the caller has checked the right."""
    try:
        with transaction.atomic():
            SUPERVISING[verb](request, row)
    except supervising.NobodyHasIt:
        raise Refusal("nobody", _("No colleague has this exchange now.")) from None
    found = rows.rows(request.user, access.agent_of(request.user), [row.pk])
    return JsonResponse({"row": found[0] if found else None, "i": row.pk})


def heard(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    supervising.hear(row, agent)


def nobody_was_faster(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Has a colleague answered since these words were begun? The agent reads that first;
    sent once more it leaves."""
    begun = number(request, "begun")
    if begun is None:
        return
    theirs = row.messages.filter(
        kind=Message.Kind.TEXT, author=Message.Author.AGENT, deleted_at=None, staff_seq__gt=begun
    ).exclude(agent=agent)
    last = theirs.select_related("agent").order_by("-pk").first()
    if last is not None:
        ago = words.duration(max(1, (clock.now() - last.created_at).total_seconds()))
        told = {"name": last.agent or _("A colleague"), "time": ago}
        raise Refusal("answered", _("%(name)s answered %(time)s ago.") % told)


VERBS: dict[str, Any] = {"heard": heard}
