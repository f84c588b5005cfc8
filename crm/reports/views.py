"""The report pages of the console, for whoever may see reports."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm import registry
from crm.reports import (
    behind,
    breakdown,
    cut,
    filters,
    intraday,
    journeys,
    measures,
    monday,
    overview,
    parity,
    period,
    saved,
    shipped,
    statements,
    tables,
    topics,
)
from crm.reports.cut import Cut
from crm.reports.rollup import reading

View = Callable[..., HttpResponse]
PAGE = 50
# a state is no exchange's, and single persons are not lined up against each other
NO_COLUMNS = ("state", "agent")


def asks(view: View, usual: int | str = 14) -> View:
    """Read the cut from the address; a bad one is a 400 that says which part. All figures of a page
    are of one moment."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            with reading.instant() as now:
                asked = replace(cut.read(request.GET, usual), instant=now)
                return view(request, asked, **kwargs)
        except period.BadQuestion as error:
            context = {**around(request), "title": _("Reports"), "part": str(error)}
            return render(request, "crm/reports/bad_question.html", context, status=400)

    return answer


def around(request: HttpRequest) -> dict[str, Any]:
    """The console's frame; or what a page has on paper (crm.reports.paper)."""
    paper = getattr(request, "paper", None)
    return {"paper": paper} if paper else admin.site.each_context(request)


def frame(
    request: HttpRequest, asked: Cut, title: str, paths: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What every page of figures shows around them: the choice of days and of a part; of rows that
    are no exchanges, what they tell (`paths`)."""
    keep = request.GET.copy()
    for name in ("measure", "part", "after", "by", "figures", "more"):
        keep.pop(name, None)
    return {
        **around(request),
        "title": title,
        "cut": asked,
        "choice": filters.period_of(request.GET, asked),
        "filters": [one for one in filters.every(asked) if paths is None or one.name in paths],
        "query": keep.urlencode(),
        "saving": saved.offer(request),
    }


@asks
def overview_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """Volumes, times and satisfaction by channel."""
    context = frame(request, asked, _("Reports")) | overview.context(asked)
    context["own_fields"] = breakdown.fields()
    if name := request.GET.get("by", ""):
        context["by"] = cut.own_field(name)
        context["parts"] = breakdown.lines(asked, context["by"])
    return render(request, "crm/reports/overview.html", context)


@asks
def table_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """Figures side by side, by any cut but persons."""
    known = {one.name: one for one in registry.dimensions() if one.name not in NO_COLUMNS}
    dimension = known.get(request.GET.get("by", "channel"))
    if dimension is None:
        raise Http404
    topic = request.GET.get("figures", "")
    if topic and topic not in topics.TOPICS:
        raise period.BadQuestion("figures")
    names = [one.name for one in topics.figures(topic)] if topic else tables.USUAL
    if any(not measures.get(name).is_kept for name in names):
        asked = asked.read_raw()
    context = frame(request, asked, _("Comparison")) | {
        "by": dimension,
        "dimensions": known.values(),
        "topic": topic,
        "topics": topics.TOPICS,
        "table": tables.table(asked, dimension, names, _("All together")),
        "before": asked.before().period,
    }
    return render(request, "crm/reports/table.html", context)


@asks
def channels_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """Every figure that a channel has, one beside the other; what is not kept ready when it is
    asked for (`more=1`), for it is read from the exchanges themselves."""
    more = bool(request.GET.get("more"))
    if more:
        asked = asked.read_raw()
    channel = registry.dimension("channel")
    asked.together(one.name for topic in topics.TOPICS for one in _of_channels(topic, more=False))
    context = frame(request, asked, _("Channels")) | {
        "by": channel,
        "more": more,
        "sheets": [
            (name, label, tables.sheet(asked, channel, figures, _("All together")))
            for name, label in topics.TOPICS.items()
            if (figures := _of_channels(name, more=more))
        ],
        "before": asked.before().period,
    }
    return render(request, "crm/reports/channels.html", context)


def _of_channels(topic: str, *, more: bool) -> list[measures.Measure]:
    channel = registry.dimension("channel")
    known = [one for one in topics.figures(topic) if one.has(channel)]
    return [one for one in known if more or one.is_kept]


@partial(asks, usual=28)
def satisfaction_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """Parity in sentences, then what customers said, by channel and subject; when it is asked for
    (`more=1`), by chats at once, which is read from the exchanges themselves."""
    more = bool(request.GET.get("more"))
    asks_for: list[tuple[str, Cut, tuple[str, ...]]] = [
        ("channel", asked, tables.SAID),
        ("subject", asked, tables.SAID),
    ]
    if more:
        asks_for.append(("parallel", asked.read_raw(), tables.AT_ONCE))
    context = frame(request, asked, _("Satisfaction")) | {
        "parities": [parity.between(asked, "chat", other) for other in ("callback", "mail")],
        "plot": overview.satisfaction(asked),
        "name": "",
        "more": more,
        "tables": [
            (one, tables.table(part, one, names, _("All together")), part.note)
            for name, part, names in asks_for
            for one in [registry.dimension(name)]
        ],
        "pulse": _pulse(asked),
        "pulse_by": registry.dimension("channel"),
    }
    return render(request, "crm/reports/satisfaction.html", context)


def _pulse(asked: Cut) -> tables.Table | None:
    """What agents said, beside; None where it cannot be narrowed so."""
    channel = registry.dimension("channel")
    if asked.part or set(asked.where) - set(measures.get("pulse_cordial").paths):
        return None
    return tables.table(asked, channel, tables.PULSE, _("All together"))


@partial(asks, usual=monday.USUAL)
def monday_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """The week that is over, unless asked otherwise, in sentences."""
    context = frame(request, asked, _("Monday page")) | {
        "sentences": monday.sentences(asked),
        "advice": monday.advice(asked),
        "earlier": monday.earlier(asked).period,
    }
    context["choice"] = replace(context["choice"], before=None)
    if not request.GET.get("days") and not request.GET.get("to"):
        context["query"] = f"days={monday.USUAL}&{context['query']}"
    return render(request, "crm/reports/monday.html", context)


@partial(asks, usual=28)
def journeys_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """From the help to a channel and back: the rows themselves, no half hours are kept of it."""
    asked = asked.read_raw()
    found = journeys.flows(asked)
    context = frame(request, asked, _("Journeys")) | {
        "flows": found,
        "sankey": journeys.picture(found),
        "starts": journeys.starts(asked),
    }
    return render(request, "crm/reports/journeys.html", context)


@partial(asks, usual=1)
def intraday_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """One day in half hours; today unless asked otherwise."""
    found = intraday.half_hours(asked)
    context = frame(request, asked, _("Intraday")) | {
        "day": asked.period.last,
        "plot": intraday.plot(found),
        "lines": intraday.lines(found),
        "name": "",
    }
    return render(request, "crm/reports/intraday.html", context)


@asks
def plot_csv(request: HttpRequest, asked: Cut, name: str) -> HttpResponse:
    """The data table of one picture."""
    if name not in overview.PLOTS:
        raise Http404
    plot = overview.PLOTS[name](asked)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{asked.period.first}-{asked.period.last}.csv"'
    )
    response.write("\ufeff")  # so that spreadsheets read the accents
    writer = csv.writer(response)
    writer.writerow(plot.head)
    writer.writerows(plot.rows)
    return response


@asks
def exchanges_page(request: HttpRequest, asked: Cut) -> HttpResponse:
    """The exchanges behind a figure that this colleague may see, paged by key; `part=1`: behind a
    share, those that are so."""
    try:
        measure = behind.measure(request.GET)
        after = int(request.GET.get("after", 0))
    except (KeyError, ValueError) as error:
        raise Http404 from error
    part = behind.is_part(request.GET, measure)
    rows = behind.seen_by(request.user, measure.behind(asked, part=part))
    total = rows.count()
    rows = rows.order_by("-pk").select_related("customer", "queue", "closed_by", "real_subject")
    if after:
        rows = rows.filter(pk__lt=after)
    page = list(rows[: PAGE + 1])
    said = registry.words_on(request.user, [row.pk for row in page[:PAGE]])
    context = frame(request, asked, str(measure.label)) | {
        "measure": measure,
        "part": part,
        "total": total,
        "rows": [(row, said.get(row.pk, "")) for row in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "export": asked.pinned(request.GET),
        "saving": None,
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


@partial(asks, usual="yesterday")
def definition_page(request: HttpRequest, asked: Cut, name: str) -> HttpResponse:
    """How one figure is counted, down to the statements: of yesterday, unless asked otherwise."""
    try:
        measure = measures.get(name)
    except KeyError as error:
        raise Http404 from error
    day = asked.read_raw()
    shown = day if day.asked else asked
    context = frame(request, shown, str(measure.label), measure.paths or None) | {
        "measure": measure,
        "counted": statements.counted(measure, day),
        "saving": None,
    }
    return render(request, "crm/reports/definition.html", context)


shipped.register()
journeys.register()
monday.register()
