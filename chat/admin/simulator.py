"""The simulator: this visitor, on this page, at this time: which rule, and why not the others."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from chat.invitations import explaining
from chat.invitations.page import Page
from chat.models import Site
from crm import clock
from crm.admin.pages import register_page
from crm.models import Visit


class Question(forms.Form):
    """Who is imagined, where and when. Everything but the page has an answer of its own."""

    site = forms.ModelChoiceField(
        Site.objects.filter(is_active=True), label=_("site"), empty_label=None
    )
    url = forms.CharField(label=_("page"), max_length=500, initial="/")
    at = forms.DateTimeField(
        label=_("when"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    seconds = forms.IntegerField(label=_("seconds on the page"), min_value=0, initial=60)
    device = forms.ChoiceField(label=_("device"), choices=Visit.Device.choices, required=False)
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES, required=False)
    pages = forms.IntegerField(label=_("pages seen"), min_value=1, initial=1, required=False)
    scroll = forms.IntegerField(
        label=_("page scrolled to"), min_value=0, max_value=100, initial=0, required=False
    )
    referrer = forms.CharField(label=_("came from"), max_length=500, required=False)
    host_data = forms.CharField(
        label=_("data of the page"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"placeholder": "basket=120"}),
    )  # fmt: skip
    events = forms.CharField(
        label=_("events"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"placeholder": "search_failed"}),
    )  # fmt: skip
    consent = forms.BooleanField(label=_("agreed to be remembered"), required=False)
    returning = forms.BooleanField(label=_("has been here before"), required=False)
    leaving = forms.BooleanField(label=_("the pointer leaves the page"), required=False)
    refused = forms.BooleanField(label=_("refused one before"), required=False)

    def page(self) -> Page:
        said = self.cleaned_data
        return Page(
            url=said["url"],
            seconds=said["seconds"],
            refused_before=said["refused"],
            scroll=said["scroll"] or 0,
            leaving=said["leaving"],
            pages=said["pages"] or 1,
            referrer=said["referrer"],
            returning=said["returning"],
            consent=said["consent"],
            data=_pairs(said["host_data"]),
            events=tuple(said["events"].replace(",", " ").split()),
        )

    def moment(self) -> datetime:
        return self.cleaned_data["at"] or clock.now()


def _pairs(text: str) -> dict[str, str | float]:
    """ "basket=120, level=gold" as the host would have said it."""
    found: dict[str, str | float] = {}
    for part in text.split(","):
        name, is_pair, value = part.strip().partition("=")
        if is_pair:
            try:
                found[name.strip()] = float(value)
            except ValueError:
                found[name.strip()] = value.strip()
    return found


def simulator(request: HttpRequest) -> HttpResponse:
    """A GET: an answer can be bookmarked and sent to a colleague."""
    asked = "url" in request.GET
    form = Question(request.GET if asked else None)
    context = {**admin.site.each_context(request), "title": _("Simulator"), "form": form}
    if asked and form.is_valid():
        context |= _answer(form)
    return render(request, "chat/console/simulator.html", context, status=200)


def _answer(form: Question) -> dict[str, object]:
    site, page, at = form.cleaned_data["site"], form.page(), form.moment()
    known = explaining.pretend(
        site,
        page,
        at=at,
        language=form.cleaned_data["language"] or site.language,
        device=form.cleaned_data["device"],
        memory=page.consent or site.is_portal,
    )
    return {
        "verdicts": explaining.simulate(site, page, known),
        "moment": explaining.at_moment(site, at),
        "at": at.astimezone(ZoneInfo(settings.TIME_ZONE)),
    }


register_page(
    "invitations/simulator/",
    simulator,
    "chat_simulator",
    _("Simulator"),
    "science",
    "chat.view_invitation",
    "reports",
)
