"""Who could take the next one and why the others could not, per queue; and "what if"."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm import clock, registry
from crm.models import Queue, Subject
from crm.services import availability, hours, routing

from . import hours_pictures
from .interaction import channel_label
from .pages import register_page

_MOST_WAITING = 50  # on the page of one queue
MAY_SEE = "crm.view_agentstate"  # whoever may see what colleagues are doing


def _channels() -> list[tuple[str, Any]]:
    return [(channel.name, channel.label) for channel in registry.channels()]


class Kind(forms.Form):
    """Of what kind the next one is."""

    channel = forms.ChoiceField(label=_("channel"), choices=_channels, required=False)
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES, required=False)


class Question(Kind):
    """Who comes with what, and when."""

    subject = forms.ModelChoiceField(
        Subject.objects.leaves().with_hours(),
        label=_("subject"),
        empty_label=None,
    )
    at = forms.DateTimeField(
        label=_("when"),
        required=False,
        help_text=_("Empty: now. The past is read in the ledgers, the future in the shifts."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    field_order = ("subject", "channel", "language", "at")


def _kind(form: Kind) -> dict[str, str]:
    """As asked, else the first channel in French."""
    said = form.cleaned_data if form.is_valid() else {}
    return {
        "channel": said.get("channel") or registry.channels()[0].name,
        "language": said.get("language") or settings.LANGUAGE_CODE[:2],
    }


def overview(request: HttpRequest) -> HttpResponse:
    """Every queue in a row, and "what if". A GET: an answer can be sent to a colleague."""
    asked = "subject" in request.GET
    form = Question(request.GET if asked else None)
    at = clock.now()
    pushed = [one for one in registry.channels() if one.load != "background"]
    queues = list(Queue.objects.select_related("schedule"))
    lines = routing.overview(queues, [one.name for one in pushed])
    context = {
        **admin.site.each_context(request),
        "title": _("Routing"),
        "form": form,
        "channels": [one.label for one in pushed],
        "lines": [(line, _open(line.queue.schedule, at)) for line in lines],
    }
    if asked and form.is_valid():
        moment = form.cleaned_data["at"] or at
        kind = _kind(form)
        found = routing.what_if(form.cleaned_data["subject"], at=moment, **kind)
        schedule = found.subject.hours()
        context |= {
            "answer": found,
            "picture": found.picture,
            "hours": _open(schedule, moment),
        }
        if found.picture.source == "now" and found.picture.queue and schedule:
            context["newcomer"] = availability.newcomer(
                found.picture.queue, hours=schedule, at=moment, **kind
            )
    return render(request, "crm/routing/overview.html", context)


def of_queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Who could take the next one now, and what waits."""
    queue = get_object_or_404(Queue.objects.select_related("schedule", "overflow_queue"), slug=slug)
    form = Kind(request.GET)
    kind = _kind(form)
    at = clock.now()
    waiting = list(routing.waiting(queue, request.user)[: _MOST_WAITING + 1])
    context = {
        **admin.site.each_context(request),
        "title": queue.name,
        "queue": queue,
        "form": Kind(initial=kind),
        "picture": routing.picture(queue, at=at, **kind),
        "newcomer": availability.newcomer(queue, hours=queue.schedule, at=at, **kind),
        "hours": _open(queue.schedule, at),
        "days": hours_pictures.week(queue.schedule.calendar, at),
        "waiting": [
            (row, channel_label(row.channel), routing.reasons(row))
            for row in waiting[:_MOST_WAITING]
        ],
        "more": len(waiting) > _MOST_WAITING,
    }
    return render(request, "crm/routing/queue.html", context)


def _open(schedule: Any, at: datetime) -> dict[str, Any]:
    """Open or closed at that moment, and until when."""
    if schedule is None:
        return {"open": False}
    return {
        "open": schedule.is_open(at),
        "closes": schedule.closes_at(at),
        "opens": schedule.next_opening(at),
        "because": hours.because(schedule, at, get_language() or settings.LANGUAGE_CODE),
    }


register_page("routing/", overview, "routing", _("Routing"), "alt_route", MAY_SEE, "settings")
register_page("routing/<slug:slug>/", of_queue, "routing_queue", permission=MAY_SEE)
