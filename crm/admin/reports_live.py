"""Now: today's figures so far, and under them the live board of what one leads."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin import board
from crm.admin.pages import register_page
from crm.reports import intraday, live, period, views
from crm.reports.cut import Cut
from crm.services import supervising


@views.asks
def page(request: HttpRequest, asked: Cut) -> HttpResponse:
    today = replace(asked, period=period.last_days(1), where={}, part=None)
    found = intraday.half_hours(today)
    context = {
        **views.around(request),
        "title": _("Live"),
        "cut": today,
        "cards": live.cards(today, found),
        "plot": intraday.plot(found),
        "name": "",
        "query": "days=1",
    }
    user: Any = request.user
    if user.has_perm(supervising.MAY):
        context["state"] = board.state(user)
    return render(request, "crm/reports/live.html", context)


register_page(
    "reports/live/", page, "report_live", gettext_lazy("Live"), "monitor_heart",
    "crm.view_reports", "reports",
)  # fmt: skip
