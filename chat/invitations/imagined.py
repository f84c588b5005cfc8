"""Who is imagined, where and when: what the simulator is asked, by page and by API."""

from datetime import datetime

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat.models import Site
from chat.models.conditions import Known
from crm import clock
from crm.models import Visit

from . import explaining
from .page import Page


class Imagined(forms.Form):
    """Everything but the site and the page has an answer of its own."""

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
    seconds = forms.IntegerField(
        label=_("seconds on the page"), min_value=0, initial=60, required=False
    )
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
            seconds=60 if said["seconds"] is None else said["seconds"],
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

    def verdicts(self) -> list[explaining.Verdict]:
        return explaining.simulate(self.cleaned_data["site"], self.page(), self._known())

    def decided(self) -> explaining.Moment:
        """What really was decided around that time."""
        return explaining.at_moment(self.cleaned_data["site"], self.moment())

    def _known(self) -> Known:
        site, page = self.cleaned_data["site"], self.page()
        return explaining.pretend(
            site,
            page,
            at=self.moment(),
            language=self.cleaned_data["language"] or site.language,
            device=self.cleaned_data["device"],
            memory=page.consent or site.is_portal,
        )


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
