"""Surveys in the console: what is asked, who was asked or why not, and the answers."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from crm import registry
from crm.admin.fields import TickedLists, channels, languages
from crm.admin.filters import ChannelFilter, ScoreFilter
from crm.admin.quick import badge
from crm.admin.read_only import EndlessAdmin, ReadOnlyInline
from crm.models import Interaction
from selfcare.models import Answer, AnswerChange, Survey, SurveyInvitation
from selfcare.models.survey import valid_delays


class DelaysWidget(forms.Widget):
    """Minutes, one field per channel; empty: as usual."""

    template_name = "selfcare/console/_delays.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        given = json.loads(value) if isinstance(value, str) else value or {}
        rows = [
            {"name": f"{name}-{channel}", "label": label, "value": given.get(channel)}
            for channel, label in channels()
        ]
        return {**super().get_context(name, value, attrs), "rows": rows}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = {channel: data.get(f"{name}-{channel}", "") for channel, _label in channels()}
        return {channel: minutes for channel, minutes in given.items() if minutes != ""}


class DelaysField(forms.Field):
    widget = DelaysWidget

    def to_python(self, value: Any) -> dict[str, int]:
        try:
            return {channel: int(minutes) for channel, minutes in (value or {}).items()}
        except ValueError:
            raise forms.ValidationError(gettext("Minutes are whole numbers.")) from None


class SurveyForm(forms.ModelForm):
    delays = DelaysField(
        required=False,
        validators=[valid_delays],
        label=_("Minutes before it is asked"),
        help_text=_(
            "If the exchange is reopened meanwhile, nothing is sent. "
            "Empty: at once in the chat, after ten minutes by email."
        ),
    )

    class Meta:
        model = Survey
        fields = "__all__"  # noqa: DJ007 (the fieldsets name them)


@admin.register(Survey)
class SurveyAdmin(TickedLists, ModelAdmin):
    form = SurveyForm
    ticked = {
        "channels": channels,
        "outcomes": lambda: [choice for choice in Interaction.Outcome.choices if choice[0]],
        "languages": languages,
    }
    list_display = ("name", "is_active", "position", "latest", "questions", "rest_days")
    autocomplete_fields = ("queues", "subjects")
    fieldsets = (
        (None, {"fields": ("name", "is_active", "position")}),
        (
            _("After which exchanges"),
            {"fields": ("channels", "queues", "subjects", "outcomes", "languages")},
        ),
        (
            _("How often"),
            {"fields": ("sample_percent", "rest_days", "effort_days", "recommendation_days")},
        ),
        (_("Low scores"), {"fields": ("follow_up_at", "follow_up_hours")}),
        (_("When"), {"fields": ("delays", "reminder_days", "expires_days", "change_hours")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(latest_number=Max("versions__number"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers keep what they answered: out of use, not away."""
        return False

    @display(description=_("version"))
    def latest(self, survey: Any) -> Any:
        return survey.latest_number or "–"

    @display(description=_("questions"))
    def questions(self, survey: Survey) -> str:
        address = reverse("admin:survey_designer", args=[survey.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Write the questions"))

    def response_add(self, request: HttpRequest, obj: Survey, *args: Any) -> HttpResponse:
        return redirect("admin:survey_designer", obj.pk)


@admin.register(SurveyInvitation)
class InvitationAdmin(EndlessAdmin):
    list_display = ("reference", "channel", "decision", "state", "agent", "closed_at", "score")
    list_filter = ("verdict", "state", ("interaction__channel", ChannelFilter))
    list_select_related = ("interaction", "agent", "answer")
    date_hierarchy = "closed_at"

    def get_queryset(self, request: HttpRequest) -> Any:
        seen = Interaction.objects.visible_to(request.user)
        return super().get_queryset(request).filter(interaction__in=seen)

    @display(description=_("interaction"), ordering="interaction")
    def reference(self, invitation: SurveyInvitation) -> str:
        return invitation.interaction.reference

    @display(description=_("channel"), ordering="interaction__channel")
    def channel(self, invitation: SurveyInvitation) -> str:
        return str(registry.channel(invitation.interaction.channel).label)

    @display(description=_("verdict"), ordering="verdict")
    def decision(self, invitation: SurveyInvitation) -> str:
        sent = invitation.verdict == SurveyInvitation.Verdict.SENT
        return badge(str(invitation.get_verdict_display()), "success" if sent else "")

    @display(description=_("satisfaction"))
    def score(self, invitation: SurveyInvitation) -> str:
        answer = getattr(invitation, "answer", None)
        return f"{answer.score}/5" if answer and answer.score else ""


class ChangeInline(ReadOnlyInline):
    model = AnswerChange
    fields = ("before", "at")
    readonly_fields = fields


@admin.register(Answer)
class AnswerAdmin(EndlessAdmin):
    list_display = ("reference", "score", "effort", "solved", "comment", "via", "answered_at")
    list_filter = (
        ("score", ScoreFilter),
        "via",
        ("invitation__interaction__channel", ChannelFilter),
    )
    list_select_related = ("invitation__interaction",)
    search_fields = ("comment",)
    date_hierarchy = "answered_at"
    inlines = (ChangeInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).visible_to(request.user)

    @display(description=_("interaction"), ordering="invitation__interaction")
    def reference(self, answer: Answer) -> str:
        return answer.invitation.interaction.reference
