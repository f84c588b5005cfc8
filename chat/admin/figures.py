"""The page of figures: what the invitations brought."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.reports import invitations
from chat.reports.invitations import OF_INVITATION
from crm import registry
from crm.admin.pages import register_page
from crm.reports import tables, topics, views, words
from crm.reports.cut import Cut


@views.asks
def page(request: HttpRequest, cut: Cut) -> HttpResponse:
    """Shown, withheld by reason, answered, and what came of it."""
    cut = cut.told_by(OF_INVITATION)
    rule = registry.dimension("rule")
    figures = [one.name for topic in ("invitations", "sales") for one in topics.figures(topic)]
    found = invitations.figures(cut)
    context = views.frame(request, cut, _("Invitations"), OF_INVITATION) | {
        "cards": _cards(found),
        "any": found.shown or found.withheld,
        "plot": invitations.lost_by_hour(cut),
        "reasons": invitations.reasons(cut),
        "days": invitations.by_day(cut),
        "by": rule,
        "table": tables.table(cut.read_raw(), rule, figures, _("All together")),
        "note": cut.read_raw().note,
        "agents": invitations.by_agent(cut),
    }
    return render(request, "chat/console/figures.html", context)


def _cards(found: invitations.Figures) -> list[dict[str, Any]]:
    of_shown = _("%(share)s of those shown")
    cards = [
        (_("Shown"), found.shown, _("%(n)s withheld") % {"n": words.count(found.withheld)}),
        (_("Accepted"), found.accepted, of_shown % {"share": found.share(found.accepted)}),
        (_("Refused"), found.refused, of_shown % {"share": found.share(found.refused)}),
        (_("Expired"), found.expired, of_shown % {"share": found.share(found.expired)}),
        (_("Withdrawn"), found.withdrawn, _("the place went before the answer")),
        (_("Without a word"), found.silent, _("accepted, then nothing was said")),
        (_("Solved"), found.solved, of_shown % {"share": found.share(found.solved)}),
        (_("Sold"), found.sold, words.euros(found.amount)),
    ]
    return [
        {"label": label, "value": words.count(n), "beside": beside} for label, n, beside in cards
    ]


register_page(
    "invitations/figures/",
    page,
    "chat_figures",
    gettext_lazy("Invitations"),
    "waving_hand",
    "crm.view_reports",
    "reports",
    on_paper=True,
)
