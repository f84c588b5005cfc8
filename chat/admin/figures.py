"""The page of figures: what the invitations brought."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.reports import invitations
from crm.admin.pages import register_page
from crm.reports import views, words
from crm.reports.cut import Cut


@views.asks
def page(request: HttpRequest, cut: Cut) -> HttpResponse:
    """Shown, withheld by reason, answered, and what came of it."""
    found = invitations.figures(cut)
    context = views.frame(request, cut, _("Invitations")) | {
        "cards": _cards(found),
        "any": found.shown or found.withheld,
        "plot": invitations.lost_by_hour(cut),
        "reasons": invitations.reasons(cut),
        "tables": [
            (_("By rule"), _("Rule"), invitations.conversion(cut, "rule")),
            (_("By agent"), _("Agent"), invitations.conversion(cut, "agent")),
        ],
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
        (_("Sold"), found.sold, f"{number_format(found.amount, 2)}{words.NBSP}€"),
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
