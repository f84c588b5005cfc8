"""One exchange as the desk opens it: what was said, its channel's head, and the customer."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from crm import registry
from crm.models import Agent, Interaction, Message, Participant, Status
from crm.services import drafts, posting, regrouping, routing

from . import customer, letters, rows

PAGE = 100  # messages at once


def talk(request: HttpRequest, interaction: Interaction, agent: Agent | None) -> dict[str, Any]:
    """The whole answer; `seq` is read before the messages, so that nothing is skipped."""
    found = rows.rows(request.user, agent, [interaction.pk])
    return {
        "row": found[0] if found else None,
        "talk": messages(interaction),
        "head": head(request, interaction),
        "letter": _letter(interaction),
        "drafts": drafts.of(interaction, agent) if agent else {},
        "customer": customer.beside(interaction),
        "timeline": customer.timeline(request.user, interaction),
    }


def _letter(interaction: Interaction) -> dict[str, Any] | None:
    """What whoever answers by letter chooses from; None where the socket delivers."""
    envelope = letters.envelope(interaction)
    if envelope is None:
        return None
    return {
        **envelope,
        "others": letters.suggestions(interaction),
    }


def messages(interaction: Interaction, before: int | None = None) -> dict[str, Any]:
    """The last messages, or those before one; `frames` are the socket's own."""
    said = Message.objects.filter(interaction=interaction).select_related("agent")
    if before:
        said = said.filter(pk__lt=before)
    page = list(said.order_by("-pk")[: PAGE + 1])
    shown = page[:PAGE][::-1]
    return {
        "i": interaction.pk,
        "seq": interaction.staff_seq,
        "frames": [posting.serialise(message, posting.STAFF) for message in shown],
        "more": len(page) > PAGE,
        "seen": seen(interaction),
    }


def seen(interaction: Interaction) -> int:
    """The last message that the customer has read."""
    mark = (
        Participant.objects.filter(interaction=interaction, role=Participant.Role.CUSTOMER)
        .values_list("read_seq", flat=True)
        .first()
    )
    if not mark:
        return 0
    read = Message.objects.filter(interaction=interaction, customer_seq__lte=mark)
    return read.order_by("-pk").values_list("pk", flat=True).first() or 0


def head(request: HttpRequest, interaction: Interaction) -> str:
    """What apps show above every exchange, then the channel's own fragment. Its forms bring no
    token: the desk sends it in the header, and the same exchange must give the same text."""
    above = "".join(aside(request, interaction) for aside in registry.asides())
    parts = (_why, _chain, _fragment)
    return above + "".join(part(request, interaction) for part in parts)


def _why(request: HttpRequest, interaction: Interaction) -> str:
    """Why it waits, as stored at the last attempt to give it to somebody."""
    if interaction.status != Status.WAITING:
        return ""
    reasons = routing.reasons(interaction)
    return render_to_string("crm/desk/_why.html", {"reasons": reasons}, request) if reasons else ""


def _chain(request: HttpRequest, interaction: Interaction) -> str:
    """What it continues and where it goes on, what it was merged with, as far as the reader may
    see it."""
    seen = Interaction.objects.visible_to(request.user)
    linked = seen.filter(Q(pk=interaction.continues_id) | Q(continues=interaction)).order_by("pk")
    steps = list(regrouping.journal(interaction)[:10])
    others = {step.source_id for step in steps} | {step.target_id for step in steps}
    known = seen.in_bulk(others - {interaction.pk})
    around = [
        {"step": step, "other": known[key], "is_source": step.source_id == interaction.pk}
        for step in steps
        if (key := (step.target_id if step.source_id == interaction.pk else step.source_id))
        in known
    ]
    links = [
        {
            "row": one,
            "channel": registry.channel(one.channel).label,
            "earlier": one.pk == interaction.continues_id,
        }
        for one in linked[:10]
    ]
    if not links and not around:
        return ""
    context = {"row": interaction, "links": links, "steps": around}
    return render_to_string("crm/desk/_chain.html", context, request)


def _fragment(request: HttpRequest, interaction: Interaction) -> str:
    """The channel's; empty when its app brings none, or its row is missing."""
    try:
        fragment = registry.channel(interaction.channel).fragment
        return render_to_string(fragment, {"interaction": interaction}, request) if fragment else ""
    except (registry.NotRegistered, TemplateDoesNotExist, ObjectDoesNotExist):
        return ""
