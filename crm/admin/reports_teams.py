"""Weeks of a team or a person, for whoever may read them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin.pages import register_page
from crm.reports import teams, views


def page(request: HttpRequest) -> HttpResponse:
    """One's own first; a team or a person at a time."""
    try:
        who = teams.whose(request.user, request.GET.get("team", ""), request.GET.get("person", ""))
    except teams.NotYours as error:
        raise Http404 from error
    found = teams.weeks(who)
    shown = [week for week in found if week.values is not None]
    context: dict[str, Any] = {
        **views.around(request),
        "title": _("Teams and agents"),
        "who": who,
        "head": teams.head(),
        "lines": [(week, teams.cells(week)) for week in reversed(found)],
        "plot": teams.plot(found) if shown else None,
        "name": "",
        "states": teams.states(list(reversed(found))),
        "group": teams.GROUP,
    }
    return render(request, "crm/reports/teams.html", context)


register_page(
    "reports/teams/",
    page,
    "report_teams",
    gettext_lazy("Teams and agents"),
    "groups",
    lambda request: teams.may_look(request.user),
    "reports",
    on_paper=True,
)
