"""An agent's own page: their figures before anyone else's, what customers said, and the pulse."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm import registry
from crm.admin.pages import register_page
from crm.models import Agent, Interaction, WeekPulse
from crm.reports import measures, my_day, words
from crm.services import access, agent_pulse

_COMMENTS = 12


def _agent(request: HttpRequest) -> Agent:
    agent = access.agent_of(request.user)
    if agent is None:
        raise PermissionDenied
    return agent


def _has_one(request: HttpRequest) -> bool:
    return access.agent_of(request.user) is not None


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    agent = _agent(request)
    found = my_day.weeks(agent)
    units = {name: measures.get(name) for name in my_day.FIGURES}
    comments = registry.comments_of(agent, found[-1].period.start)
    context = {
        **admin.site.each_context(request),
        "title": _("My day"),
        "measures": list(units.values()),
        "weeks": [
            (week.period, [_shown(one, week.values[one.name]) for one in units.values()])
            for week in found
        ],
        "praise": [one for one in comments if one.score and one.score >= 4][:_COMMENTS],
        "others": [one for one in comments if not one.score or one.score < 4][:_COMMENTS],
        "loads": WeekPulse.Load.choices,
        "said": agent_pulse.week_of(agent),
    }
    return render(request, "crm/my_day/page.html", context)


def _shown(measure: measures.Measure, value: Any) -> tuple[str, str]:
    return words.value(measure.unit, value), words.beside(value, measure.unit)


@require_POST
def week(request: HttpRequest) -> HttpResponse:
    load = request.POST.get("load", "")
    if load not in WeekPulse.Load.values:
        raise Http404
    agent_pulse.say_week(_agent(request), load)
    messages.success(request, _("Kept. Your lead reads groups of five people at least."))
    return redirect("admin:my_day")


@require_POST
def exchange(request: HttpRequest, pk: int) -> JsonResponse:
    """The two taps after an exchange, from the desk."""
    agent = _agent(request)
    row = get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk)
    said = {name: _YES_NO.get(request.POST.get(name, "")) for name in ("explicit", "cordial")}
    try:
        agent_pulse.tap(row, agent, **said)
    except agent_pulse.NotAsked:
        raise Http404 from None
    return JsonResponse({"i": pk})


_YES_NO = {"yes": True, "no": False}

register_page("my-day/", page, "my_day", gettext_lazy("My day"), "wb_sunny", _has_one, "desk")
register_page("my-day/week/", week, "my_day_week", permission=_has_one)
register_page("my-day/exchange/<int:pk>/", exchange, "my_day_exchange", permission=_has_one)
