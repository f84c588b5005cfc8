"""The page of self-service: who needed nobody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import registry
from crm.admin.pages import register_page
from crm.reports import tables, topics, views, words
from crm.reports.cut import Cut
from selfcare.reports import autonomy, helping, visits
from selfcare.services import failed_searches

MOST_FAILED = 15


@views.asks
def page(request: HttpRequest, cut: Cut) -> HttpResponse:
    """The two lines, with their definitions; what was read, and looked for in vain."""
    cut = cut.told_by(visits.OF_VISIT)
    found = autonomy.figures(cut)
    device = registry.dimension("device")
    names = [one.name for one in topics.figures("selfcare")]
    context = views.frame(request, cut, _("Self-service"), visits.OF_VISIT) | {
        "found": found,
        "by": device,
        "table": tables.table(cut, device, names, _("All together")),
        "articles": [_read(one) for one in helping.articles(cut)],
        "failed": failed_searches.between(cut.period.start, cut.period.end)[:MOST_FAILED],
        "cards": _cards(found),
        "plot": autonomy.plot(found, words.percent, lambda day: date_format(day, "j M")),
    }
    return render(request, "selfcare/console/autonomy.html", context)


def _read(one: helping.Read) -> dict[str, Any]:
    return {
        "title": one.title or "–",
        "article": one.article,
        "readings": words.count(one.readings),
        "helped": words.percent(one.helped_share),
        "votes": words.count(one.votes),
        "asked": words.percent(one.asked_share),
        "asked_count": words.count(one.asked),
    }


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
