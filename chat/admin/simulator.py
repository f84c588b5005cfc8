"""The simulator: this visitor, on this page, at this time: which rule, and why not the others."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from chat.invitations.imagined import Imagined
from crm.admin.pages import register_page


def simulator(request: HttpRequest) -> HttpResponse:
    """A GET: an answer can be bookmarked and sent to a colleague."""
    asked = "url" in request.GET
    form = Imagined(request.GET if asked else None)
    context = {**admin.site.each_context(request), "title": _("Simulator"), "form": form}
    if asked and form.is_valid():
        at = form.moment().astimezone(ZoneInfo(settings.TIME_ZONE))
        context |= {"verdicts": form.verdicts(), "moment": form.decided(), "at": at}
    return render(request, "chat/console/simulator.html", context, status=200)


register_page(
    "invitations/simulator/",
    simulator,
    "chat_simulator",
    _("Simulator"),
    "science",
    "chat.view_invitation",
    "reports",
)
