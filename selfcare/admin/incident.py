"""Incidents in the console: the list, what customers read, and the buttons above an exchange."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from crm import registry
from crm.admin import pages
from crm.admin.desk import answering
from crm.admin.fields import LinesField
from crm.models import Interaction, Message
from crm.services import access, posting
from selfcare.models import Incident, IncidentLink
from selfcare.services import incidents

State = IncidentLink.State


class IncidentForm(forms.ModelForm):
    towns = LinesField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        label=_("towns"),
        help_text=_(
            "One a line. Exchanges of customers who live elsewhere are not proposed; "
            "empty: those of everybody are."
        ),
    )

    class Meta:
        model = Incident
        fields = (
            "title_fr",
            "title_en",
            "text_fr",
            "text_en",
            "subjects",
            "area_fr",
            "area_en",
            "towns",
            "since",
            "expected_until",
            "next_news_at",
        )


@admin.register(Incident)
class IncidentAdmin(ModelAdmin):
    form = IncidentForm
    list_display = ("name", "state", "since", "expected_until", "proposed", "attached", "waiting")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = ("title_fr", "title_en", "area_fr")
    autocomplete_fields = ("subjects",)

    def get_queryset(self, request: HttpRequest) -> Any:
        of = "links__state"
        return (
            super()
            .get_queryset(request)
            .annotate(
                proposed_count=Count("links", Q(**{of: State.PROPOSED}), distinct=True),
                attached_count=Count("links", Q(**{of: State.ATTACHED}), distinct=True),
                waiting_count=Count("watchers", Q(watchers__told_at=None), distinct=True),
            )
        )

    @display(description=_("incident"), ordering="title_fr")
    def name(self, incident: Incident) -> str:
        return incident.title

    @display(
        description=_("state"), label={"open": "warning", "over": "success"}, ordering="ended_at"
    )
    def state(self, incident: Incident) -> tuple[str, Any]:
        return ("open", _("open")) if incident.is_open else ("over", _("over"))

    @display(description=_("proposed"))
    def proposed(self, incident: Any) -> str:
        return _room_link(incident, incident.proposed_count)

    @display(description=_("attached"))
    def attached(self, incident: Any) -> str:
        return _room_link(incident, incident.attached_count)

    @display(description=_("to be told"))
    def waiting(self, incident: Any) -> str:
        return _room_link(incident, incident.waiting_count)

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        incidents.save(obj, form.cleaned_data["subjects"])

    def response_add(self, request: HttpRequest, obj: Incident, *args: Any) -> HttpResponse:
        return redirect("admin:incident_room", obj.pk)


def _room_link(incident: Incident, count: int) -> str:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:incident_room", args=[incident.pk]), count
    )


def above_the_exchange(request: HttpRequest, interaction: Interaction) -> str:
    """On the desk: this may be about a known incident, or is."""
    found = incidents.of_interaction(interaction)
    if not found:
        return ""
    language = interaction.language
    rows = [
        {
            "link": link,
            "title": link.incident.title,
            "answer": link.incident.text_in(language),
            "attached": link.state == State.ATTACHED,
        }
        for link in found
    ]
    return render_to_string(
        "selfcare/console/incident.html", {"rows": rows, "interaction": interaction}, request
    )


registry.register_aside(above_the_exchange)


@require_POST
def decide(request: HttpRequest, pk: int, interaction_id: int) -> HttpResponse:
    """Attach, attach and answer with the incident's text, or "not about it"."""
    interaction = get_object_or_404(Interaction.objects.visible_to(request.user), pk=interaction_id)
    agent = access.agent_of(request.user)
    verb = request.POST.get("verb", "")
    if agent is None and not request.user.has_perm("selfcare.change_incident"):  # type: ignore[union-attr]
        raise PermissionDenied
    incident = get_object_or_404(Incident, pk=pk)
    try:
        incidents.decide(incident, interaction, attached=verb != "refuse", by=request.user)  # type: ignore[arg-type]
    except incidents.Over:
        return _back(request, interaction)
    if verb == "answer" and agent and interaction.agent_id == agent.pk:
        posting.post(
            interaction,
            author=Message.Author.AGENT,
            agent=agent,
            text=incident.text_in(interaction.language),
            client_id=f"incident-text:{incident.pk}:{incident.updated_at.timestamp():.0f}",
        )
    return _back(request, interaction)


def _back(request: HttpRequest, interaction: Interaction) -> HttpResponse:
    room = request.POST.get("room", "")
    if room.isdigit():
        return redirect("admin:incident_room", int(room))
    return answering.back(interaction.pk)


pages.register_page("incidents/<int:pk>/exchange/<int:interaction_id>/", decide, "incident_decide")
