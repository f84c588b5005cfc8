"""The report pages of the console, for whoever may see reports."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.models import Queue, Team
from crm.reports import breakdown, measures, overview, period, shipped

View = Callable[..., HttpResponse]
PAGE = 50


def asks(view: View) -> View:
    """Read the cut from the address; a bad one is a 400 that says which part."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, period.read(request.GET), **kwargs)
        except period.BadQuestion as error:
            page = admin.site.each_context(request)
            context = {**page, "title": _("Reports"), "part": str(error)}
            return render(request, "crm/reports/bad_question.html", context, status=400)

    return answer


def frame(request: HttpRequest, cut: period.Cut, title: str) -> dict[str, Any]:
    """What every page of figures shows around them: the choice of days, queue and site."""
    places = Team.objects.exclude(place="").order_by("place").values_list("place", flat=True)
    keep = request.GET.copy()
    for name in ("measure", "channel", "after", "by"):
        keep.pop(name, None)
    return {
        **admin.site.each_context(request),
        "title": title,
        "cut": cut,
        "days": len(cut.period.days),
        "presets": period.PRESETS,
        "queues": Queue.objects.all(),
        "places": list(dict.fromkeys(places)),
        "query": keep.urlencode(),
    }


@asks
def overview_page(request: HttpRequest, cut: period.Cut) -> HttpResponse:
    """Volumes, times and satisfaction by channel."""
    context = frame(request, cut, _("Reports")) | overview.context(cut)
    context["own_fields"] = breakdown.fields()
    if name := request.GET.get("by", ""):
        context["by"] = period.own_field(name)
        context["parts"] = breakdown.lines(cut, context["by"])
    return render(request, "crm/reports/overview.html", context)


@asks
def plot_csv(request: HttpRequest, cut: period.Cut, name: str) -> HttpResponse:
    """The data table of one picture."""
    if name not in overview.PLOTS:
        raise Http404
    plot = overview.PLOTS[name](cut)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{cut.period.first}-{cut.period.last}.csv"'
    )
    response.write("\ufeff")  # so that spreadsheets read the accents
    writer = csv.writer(response)
    writer.writerow(plot.head)
    writer.writerows(plot.rows)
    return response


@asks
def exchanges_page(request: HttpRequest, cut: period.Cut) -> HttpResponse:
    """The exchanges behind a figure, to the last unit, paged by key."""
    try:
        measure = measures.get(request.GET.get("measure", "offered"))
        after = int(request.GET.get("after", 0))
    except (KeyError, ValueError) as error:
        raise Http404 from error
    rows = measure.rows(cut)
    if channel := request.GET.get("channel", ""):
        rows = rows.filter(channel=channel)
    total = rows.count()
    rows = rows.order_by("-pk").select_related("customer", "queue", "closed_by", "real_subject")
    if after:
        rows = rows.filter(pk__lt=after)
    page = list(rows[: PAGE + 1])
    context = frame(request, cut, str(measure.label)) | {
        "measure": measure,
        "channel": channel,
        "total": total,
        "rows": page[:PAGE],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "crm/reports/exchanges.html", context)


def definitions_page(request: HttpRequest) -> HttpResponse:
    """How each figure is counted."""
    context = {
        **admin.site.each_context(request),
        "title": _("How the figures are counted"),
        "measures": measures.every(),
    }
    return render(request, "crm/reports/definitions.html", context)


shipped.register()
