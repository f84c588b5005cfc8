"""Surveys in the console: what is asked, who was asked or why not, and the answers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from crm.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from crm.models import Interaction
from selfcare.models import Answer, AnswerChange, Survey, SurveyInvitation, SurveyVersion


class VersionInline(TabularInline):
    model = SurveyVersion
    fields = ("number", "questions", "created_at")
    readonly_fields = ("created_at",)
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers keep the version they answered: another wording is another version."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Survey)
class SurveyAdmin(ModelAdmin):
    list_display = (
        "name",
        "is_active",
        "channels",
        "rest_days",
        "sample_percent",
        "mail_delay_minutes",
    )
    readonly_fields = ("created_at",)
    inlines = (VersionInline,)


@admin.register(SurveyInvitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("reference", "channel", "decision", "state", "agent", "closed_at", "score")
    list_filter = ("verdict", "state", "interaction__channel")
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
        return invitation.interaction.channel

    @display(description=_("verdict"), label={"sent": "success"}, ordering="verdict")
    def decision(self, invitation: SurveyInvitation) -> tuple[str, str]:
        return invitation.verdict, invitation.get_verdict_display()

    @display(description=_("satisfaction"))
    def score(self, invitation: SurveyInvitation) -> str:
        answer = getattr(invitation, "answer", None)
        return f"{answer.score}/5" if answer else ""


class ChangeInline(ReadOnlyInline):
    model = AnswerChange
    fields = ("before", "at")
    readonly_fields = fields


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("reference", "score", "effort", "solved", "comment", "via", "answered_at")
    list_filter = ("score", "via", "invitation__interaction__channel")
    list_select_related = ("invitation__interaction",)
    search_fields = ("comment",)
    date_hierarchy = "answered_at"
    inlines = (ChangeInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        seen = Interaction.objects.visible_to(request.user)
        return super().get_queryset(request).filter(invitation__interaction__in=seen)

    @display(description=_("interaction"), ordering="invitation__interaction")
    def reference(self, answer: Answer) -> str:
        return answer.invitation.interaction.reference
