"""The live board: a page that can hang on the wall, its figures asked for again at every push."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm import registry
from crm.admin.desk.rows import iso
from crm.admin.pages import register_page
from crm.models import AgentState
from crm.services import board, supervising

_MOST_SHOWN = 8  # exchanges under one name


def page(request: HttpRequest) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Live board"),
        "state": state(request.user),
    }
    return render(request, "crm/board/page.html", context)


def state(user: Any) -> dict[str, Any]:
    """What the page's script begins with."""
    return figures(user) | {"language": get_language(), "texts": _texts()}


@never_cache
def now(request: HttpRequest) -> JsonResponse:
    return JsonResponse(figures(request.user))


def figures(user: Any) -> dict[str, Any]:
    """The board in plain values; texts in the reader's language."""
    found = board.now(user)
    return {
        "now": iso(found.at),
        "lines": [_line(one) for one in found.lines],
        "people": [_person(one) for one in found.people],
    }


def _line(one: board.Line) -> dict[str, Any]:
    return {
        "id": one.queue.pk,
        "name": one.queue.name,
        "waiting": one.waiting,
        "longest": iso(one.longest),
        "active": one.active,
        "soon": one.soon,
        "late": one.late,
        "people": one.people,
    }


def _person(one: board.Person) -> dict[str, Any]:
    return {
        "id": one.agent.pk,
        "name": one.agent.display_name,
        "simulated": one.agent.is_simulated,
        "state": one.state,
        "label": str(AgentState.State(one.state).label),
        "reason": "" if one.state == AgentState.State.OFFLINE else one.reason,
        "since": iso(one.since),
        "used": one.used,
        "places": one.places,
        "more": max(0, len(one.rows) - _MOST_SHOWN),
        "rows": [
            {
                "url": f"{reverse('admin:workspace')}#{row.pk}",
                "name": str(row.customer),
                "icon": registry.channel(row.channel).icon,
                "channel": str(registry.channel(row.channel).label),
                "since": iso(row.held_since or row.assigned_at),
            }
            for row in one.rows[:_MOST_SHOWN]
        ],
    }


def _texts() -> dict[str, str]:
    return {
        "simulated": _("simulated"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} d"),
        "waits": _("longest {time}"),
        "nobody_waits": _("nobody waits"),
        "one_ready": _("1 person ready"),
        "ready": _("{n} people ready"),
        "active": _("{n} in hand"),
        "late": _("{n} late"),
        "soon": _("{n} soon due"),
        "load": _("{used} of {all} chat places"),
        "others": _("and {n} more"),
        "no_people": _("Nobody of your team yet."),
        "no_lines": _("Your team stands behind no queue yet."),
    }


register_page(
    "board/", page, "board", gettext_lazy("Live board"), "monitoring", supervising.MAY, "desk"
)
register_page("board/now/", now, "board_now", permission=supervising.MAY)
