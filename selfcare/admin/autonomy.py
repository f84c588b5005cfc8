"""The page of self-service: who needed nobody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.admin.pages import register_page
from crm.reports import views, words
from crm.reports.cut import Cut
from selfcare.reports import autonomy


@views.asks
def page(request: HttpRequest, cut: Cut) -> HttpResponse:
    """The two lines, with their definitions."""
    found = autonomy.figures(cut.period)
    context = views.frame(request, cut, _("Self-service")) | {
        "found": found,
        "cards": _cards(found),
        "plot": autonomy.plot(found, words.percent, lambda day: date_format(day, "j b")),
    }
    return render(request, "selfcare/console/autonomy.html", context)


def _cards(found: autonomy.Found) -> list[dict[str, Any]]:
    counts = found.all
    covered = _("%(share)s of the visits are of people we know")
    return [
        {
            "label": _("Without asking anybody"),
            "value": words.percent(counts.share),
            "beside": _("%(n)s of %(all)s visits for help")
            % {"n": words.count(counts.alone), "all": words.count(counts.visits)},
        },
        {
            "label": _("Known customers, nobody within 7 days"),
            "value": words.percent(counts.known_share),
            "beside": covered % {"share": words.percent(counts.coverage)},
        },
    ]


register_page(
    "reports/self-service/",
    page,
    "autonomy",
    gettext_lazy("Self-service"),
    "self_improvement",
    "crm.view_reports",
    "reports",
    on_paper=True,
)
