"""The workspace's page, and what it asks for while it is open."""

from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crm import registry
from crm.models import AgentState, Interaction, Subject
from crm.services import access, audit, noting, regrouping, templates

from . import closing, commands, conversation, customer, handing, hard, replies, rows, state

_MOST_ROWS = 400


@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Three panes; everything else comes from the state within it."""
    context = {
        **admin.site.each_context(request),
        "title": _("Desk"),
        "state": state.initial(request),
        "by_hand": [(code, code.label) for code in AgentState.BY_HAND],
        "commands": commands,
        "is_agent": access.agent_of(request.user) is not None,
    }
    return render(request, "crm/desk/page.html", context)


@never_cache
@require_GET
def snapshot(request: HttpRequest) -> JsonResponse:
    """The list again, after a lost connection and now and then."""
    return JsonResponse(state.snapshot(request.user))


@never_cache
@require_GET
def some_rows(request: HttpRequest) -> JsonResponse:
    """`?i=42,43`: these rows as they are now; what may not be seen (any more) is `gone`."""
    keys = {int(part) for part in request.GET.get("i", "").split(",") if part.isdigit()}
    keys = set(sorted(keys)[:_MOST_ROWS])
    found = rows.rows(request.user, access.agent_of(request.user), keys)
    gone = keys - {row["i"] for row in found}
    return JsonResponse({"rows": found, "gone": sorted(gone)})


@never_cache
@require_GET
def count(request: HttpRequest) -> JsonResponse:
    """How many exchanges wait for me, for the sidebar of the other pages."""
    agent = access.agent_of(request.user)
    return JsonResponse({"count": rows.waiting_for(agent) if agent else 0})


def _visible(request: HttpRequest, pk: int) -> Interaction:
    found = (
        Interaction.objects.visible_to(request.user)
        .select_related("customer__organisation", "subject", "agent", "queue")
        .prefetch_related("customer__identities")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


@never_cache
@require_GET
def talk(request: HttpRequest, pk: int) -> JsonResponse:
    """One exchange, whole; what was merged is where it is today."""
    found = _visible(request, regrouping.present(pk))
    agent = access.agent_of(request.user)
    audit.saw(request.user, found, found.customer_id)
    if agent is not None:
        noting.seen(found, agent)
    return JsonResponse(conversation.talk(request, found, agent))


def _subject(request: HttpRequest, row: Interaction) -> Subject | None:
    """The one chosen in the dialog, else its own."""
    key = request.GET.get("subject", "")
    if key.isdigit():
        return Subject.objects.filter(pk=key).first()
    return row.subject and row.subject.current


@never_cache
@require_GET
def part(request: HttpRequest, pk: int, what: str) -> JsonResponse:
    """Earlier messages, earlier exchanges, the customer's read mark, the channel's head, where it
    may go on, and what may be answered."""
    found, agent = _visible(request, pk), access.agent_of(request.user)
    text = request.GET.get("before", "")
    before = int(text) if text.isdigit() else None
    parts: dict[str, Any] = {
        "messages": lambda: conversation.messages(found, before),
        "timeline": lambda: customer.timeline(request.user, found, before),
        "seen": lambda: {"i": found.pk, "seen": conversation.seen(found)},
        "ways": lambda: {"ways": handing.ways(found, _subject(request, found))},
        "help": lambda: {"help": [asdict(one) for one in registry.help_for(found)]},
        "head": lambda: {"i": found.pk, "head": conversation.head(request, found)},
        "closing": lambda: {"proposals": closing.proposals(found)},
        "hard": lambda: {"sheets": hard.sheets(found)},
        "replies": lambda: {"replies": templates.choices(found, agent)},
        "macros": lambda: {"macros": replies.offered_macros(found, agent)},
    }
    if what not in parts:
        raise Http404
    return JsonResponse(parts[what]())
