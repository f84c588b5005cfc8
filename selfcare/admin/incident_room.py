"""The incident's room: who is concerned, and one answer to all with preview and undo."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crm import clock
from crm.admin import pages
from crm.models import Interaction
from selfcare.models import Incident, IncidentAnswer, IncidentLink
from selfcare.services import incident_answers, incidents

_SHOWN = 50  # exchanges on the page
State = IncidentLink.State


class AnswerForm(forms.ModelForm):
    class Meta:
        model = IncidentAnswer
        fields = ("text_fr", "text_en", "closes", "per_minute")
        widgets = {
            "text_fr": forms.Textarea(attrs={"rows": 5}),
            "text_en": forms.Textarea(attrs={"rows": 5}),
        }
        labels = {
            "closes": _("It is over: end the incident and close what is attached"),
            "per_minute": _("Copies a minute"),
        }
        help_texts = {
            "text_fr": _("{name} becomes “Madame Lenoir”."),
            "text_en": _("Empty: everybody gets the French text."),
            "per_minute": _("Those who answer come back at this pace too."),
        }

    def clean_per_minute(self) -> int:
        return max(1, min(600, self.cleaned_data["per_minute"]))


def room(request: HttpRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.prefetch_related("subjects"), pk=pk)
    return _show(request, incident, AnswerForm(initial={"per_minute": 60}))


def _show(
    request: HttpRequest,
    incident: Incident,
    form: AnswerForm,
    preview: incident_answers.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    mine = Interaction.objects.visible_to(request.user)
    links = incident.links.filter(interaction__in=mine).select_related(
        "interaction__customer", "interaction__queue"
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": incident.title,
        "incident": incident,
        "proposed": links.filter(state=State.PROPOSED)[:_SHOWN],
        "attached": links.filter(state=State.ATTACHED)[:_SHOWN],
        "proposed_count": incident.links.filter(state=State.PROPOSED).count(),
        "attached_count": incident.links.filter(state=State.ATTACHED).count(),
        "waiting_count": incident.watchers.filter(told_at=None).count(),
        "told_count": incident.watchers.exclude(told_at=None).count(),
        "answers": [_progress(answer) for answer in incident.answers.select_related("by")[:5]],
        "form": form,
        "preview": preview,
        "may_change": request.user.has_perm("selfcare.change_incident"),  # type: ignore[union-attr]
    }
    return render(request, "selfcare/console/incident_room.html", context, status=status)


def _progress(answer: IncidentAnswer) -> dict[str, Any]:
    return {
        "answer": answer,
        "all": answer.deliveries.count(),
        "gone": answer.deliveries.exclude(sent_at=None).count(),
        "begun": answer.begins_at <= clock.now(),
    }


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """First press: a preview. Second press, with the same text: it goes, after a minute to undo."""
    incident = get_object_or_404(Incident.objects.prefetch_related("subjects"), pk=pk)
    form = AnswerForm(request.POST, instance=IncidentAnswer(incident=incident))
    if not form.is_valid():
        return _show(request, incident, form, status=422)
    made = form.save(commit=False)
    if "send" not in request.POST:
        return _show(request, incident, form, incident_answers.preview(incident, made))
    try:
        incident_answers.begin(made, by=request.user)  # type: ignore[arg-type]
    except incident_answers.UnderWay:
        messages.error(request, gettext("Another answer of this incident is still on its way."))
    except incident_answers.NothingToSay:
        messages.error(request, gettext("The answer has no text."))
    return redirect("admin:incident_room", pk)


@require_POST
def stop(request: HttpRequest, pk: int, answer_id: int) -> HttpResponse:
    found = get_object_or_404(IncidentAnswer, pk=answer_id, incident=pk)
    gone = incident_answers.stop(found.pk)
    if gone:
        words = ngettext(
            "Stopped. %(n)d copy had gone before.", "Stopped. %(n)d copies had gone before.", gone
        )
        messages.warning(request, words % {"n": gone})
    else:
        messages.success(request, gettext("Taken back: nobody got it."))
    return redirect("admin:incident_room", pk)


@require_POST
def attach_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything proposed that this colleague may see."""
    incident = get_object_or_404(Incident, pk=pk)
    mine = Interaction.objects.visible_to(request.user)
    proposed = incident.links.filter(state=State.PROPOSED, interaction__in=mine)
    for link in proposed.select_related("interaction")[:1000]:
        try:
            incidents.decide(incident, link.interaction, attached=True, by=request.user)  # type: ignore[arg-type]
        except incidents.Over:
            messages.error(request, gettext("The incident is over."))
            break
    return redirect("admin:incident_room", pk)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Over, without an answer to all."""
    incidents.end(get_object_or_404(Incident, pk=pk))
    return redirect("admin:incident_room", pk)


_CHANGE = "selfcare.change_incident"
pages.register_page(
    "incidents/<int:pk>/", room, "incident_room", permission="selfcare.view_incident"
)
pages.register_page("incidents/<int:pk>/answer/", answer, "incident_answer", permission=_CHANGE)
pages.register_page(
    "incidents/<int:pk>/answer/<int:answer_id>/stop/", stop, "incident_stop", permission=_CHANGE
)
pages.register_page("incidents/<int:pk>/attach/", attach_all, "incident_attach", permission=_CHANGE)
pages.register_page("incidents/<int:pk>/end/", end, "incident_end", permission=_CHANGE)
