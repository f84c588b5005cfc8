"""Journeys: what was read or searched last before asking, on which channel it was asked, and where
it went on: in another channel, back in the help, or nowhere because it was over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Subquery, Value
from django.db.models.expressions import Case, When
from django.db.models.functions import Coalesce
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import registry
from crm.models import Interaction, VisitStep
from crm.reports import words
from crm.reports.charts import sankey
from crm.reports.cut import Cut
from crm.reports.dimensions import Dimension
from crm.reports.period import Period

Kind = VisitStep.Kind
_LOOKED = [Kind.SEARCH, Kind.ARTICLE]
TOGETHER = 5  # what fewer visits searched for could tell who searched
MOST = 20
CAME = {
    "article": gettext_lazy("an article"),
    "search": gettext_lazy("a search"),
    "failed": gettext_lazy("a search that found nothing"),
    "direct": gettext_lazy("directly"),
}
_OVER, _HELP = "end", "help"
_EARLIER = timedelta(days=31)  # so long before it was offered it may have been opened, and gone on


def _last_step() -> Any:
    steps = VisitStep.objects.filter(
        visit=OuterRef("visit"), kind__in=_LOOKED, at__lte=OuterRef("offered_at")
    )
    return steps.order_by("-at", "-pk")


def came(period: Period) -> Case:
    """What was done last in the same visit before asking."""
    what = Case(
        When(kind=Kind.ARTICLE, then=Value("article")),
        When(value=0, then=Value("failed")),
        default=Value("search"),
        output_field=CharField(),
    )
    last = _last_step().annotate(what=what).values("what")[:1]
    return Case(  # without a visit nothing is looked up
        When(visit=None, then=Value("direct")),
        default=Coalesce(Subquery(last), Value("direct")),
        output_field=CharField(),
    )


def then(period: Period) -> Case:
    """The channel that it went on in; else the help, if its visit looked on; else nowhere."""
    # few go on: they are looked up once, not for each
    went_on = Interaction.objects.filter(
        continues__isnull=False, opened_at__gte=period.start - _EARLIER
    )
    on = Interaction.objects.filter(continues=OuterRef("pk")).order_by("pk").values("channel")[:1]
    looked = VisitStep.objects.filter(
        visit=OuterRef("visit"), kind__in=_LOOKED, at__gt=OuterRef("closed_at")
    )
    rest = Case(
        When(visit=None, then=Value(_OVER)),
        When(Exists(looked), then=Value(_HELP)),
        default=Value(_OVER),
        output_field=CharField(),
    )
    return Case(
        When(
            pk__in=went_on.order_by().values("continues"),
            then=Subquery(on, output_field=CharField()),
        ),
        default=rest,
        output_field=CharField(),
    )


def _then_choices() -> Mapping[str, Any]:
    on = {
        one.name: _("goes on: %(channel)s") % {"channel": one.label} for one in registry.channels()
    }
    return {_OVER: _("over"), _HELP: _("back in the help"), **on}


DIMENSIONS = [
    Dimension("came", gettext_lazy("Came from"), came, lambda: CAME),
    Dimension("then", gettext_lazy("Went on"), then, _then_choices),
]


@dataclass(frozen=True)
class Flow:
    """So many exchanges took this way; `query` opens them."""

    cells: list[str]
    count: int
    query: str


def flows(cut: Cut) -> list[Flow]:
    """One query; the way that most took first."""
    rows = cut.exchanges().annotate(came_from=came(cut.period), went_on=then(cut.period))
    found = rows.order_by().values("came_from", "channel", "went_on").annotate(n=Count("pk"))
    names = [registry.dimension(name) for name in ("came", "channel", "then")]
    choices = [one.choices() for one in names]
    made = []
    for row in found:
        keys = (row["came_from"], row["channel"], row["went_on"])
        cells = [
            one.label_of(key, known) for one, key, known in zip(names, keys, choices, strict=True)
        ]
        query = dict(zip(("came", "channel", "then"), keys, strict=True))
        made.append(Flow(cells, row["n"], urlencode({"measure": "offered", **query})))
    return sorted(made, key=lambda flow: (-flow.count, flow.cells))


def picture(found: list[Flow]) -> sankey.Sankey:
    """Colours are the channels', the same as in every chart."""
    colours = {str(one.label): one.name for one in registry.channels()}
    heads = [_("Before"), _("Asked on"), _("Afterwards")]
    return sankey.draw(
        _("From the help to a channel and back"),
        heads,
        [(flow.cells, flow.count, colours.get(flow.cells[1], "selfcare")) for flow in found],
        words.count,
    )


def starts(cut: Cut) -> list[dict[str, Any]]:
    """The articles and searches after which most people asked; a search only when five or more
    visits typed it."""
    last = _last_step()
    rows = cut.exchanges().filter(visit__isnull=False)
    rows = rows.annotate(
        kind=Coalesce(Subquery(last.values("kind")[:1]), Value("")),
        label=Coalesce(Subquery(last.values("label")[:1]), Value("")),
    )
    found: Any = (
        rows.exclude(label="")
        .order_by()
        .values("kind", "label")
        .annotate(n=Count("pk"), visits=Count("visit", distinct=True))
        .order_by("-n", "label")
    )
    known = found.exclude(kind=Kind.SEARCH, visits__lt=TOGETHER)[:MOST]
    return [{**row, "what": Kind(row["kind"]).label} for row in known]


def register() -> None:
    for dimension in DIMENSIONS:
        registry.register_dimension(dimension)
