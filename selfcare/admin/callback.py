"""Callbacks in the console: the list, and the two buttons of the call sheet."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from crm.admin import pages
from crm.admin.desk.answering import done, refused
from crm.admin.read_only import EndlessAdmin, ReadOnlyInline
from crm.models import Agent, Interaction
from crm.services import access
from selfcare.models import Callback, CallbackAttempt
from selfcare.services import calls, promises, words


class AttemptInline(ReadOnlyInline):
    model = CallbackAttempt
    fields = ("started_at", "ended_at", "outcome", "agent", "promised_at")
    readonly_fields = fields


@admin.register(Callback)
class CallbackAdmin(EndlessAdmin):
    """Read only: a promise changes through the desk, the portal or the API."""

    list_display = ("number", "customer", "promise", "attempts_made", "status", "outcome")
    list_filter = ("interaction__status", "interaction__outcome", "interaction__queue")
    list_select_related = ("interaction__customer",)
    search_fields = ("phone", "interaction__customer__name_key")
    date_hierarchy = "promised_at"
    inlines = (AttemptInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        seen = Interaction.objects.visible_to(request.user)
        return super().get_queryset(request).filter(interaction__in=seen)

    @display(description=_("number to call"), ordering="phone")
    def number(self, callback: Callback) -> str:
        return words.phone(callback.phone)

    @display(description=_("customer"), ordering="interaction__customer__name_key")
    def customer(self, callback: Callback) -> str:
        return str(callback.interaction.customer)

    @display(description=_("promised"), ordering="promised_at")
    def promise(self, callback: Callback) -> str:
        return promises.in_words(callback)

    @display(
        description=_("status"),
        label={"waiting": "warning", "active": "success", "pending": "info", "closed": ""},
    )
    def status(self, callback: Callback) -> tuple[str, str]:
        interaction = callback.interaction
        return interaction.status, interaction.get_status_display()

    @display(description=_("outcome"))
    def outcome(self, callback: Callback) -> str:
        return callback.interaction.get_outcome_display() if callback.interaction.outcome else ""


class HungUpForm(forms.Form):
    outcome = forms.ChoiceField(choices=CallbackAttempt.Outcome.choices)
    later_at = forms.DateTimeField(required=False)


def _agent(request: HttpRequest, pk: int) -> Agent:
    """Whoever clicks, as an agent who may see this callback."""
    get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk, channel="callback")
    agent = access.agent_of(request.user)
    if agent is None:
        raise PermissionDenied
    return agent


@require_POST
def calling(request: HttpRequest, pk: int) -> HttpResponse:
    """ "I am calling"."""
    agent = _agent(request, pk)
    try:
        attempt = calls.calling(pk, agent)
    except calls.CannotCall as refusal:
        return refused(request, pk, str(refusal.words))
    return done(request, pk, {"attempt": attempt.pk, "since": attempt.started_at.isoformat()})


@require_POST
def hung_up(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Hung up", with one outcome."""
    agent = _agent(request, pk)
    form = HungUpForm(request.POST)
    if not form.is_valid():
        return refused(request, pk, gettext("Please say what came of the call."), 422)
    try:
        attempt = calls.hung_up(
            pk, agent, form.cleaned_data["outcome"], later_at=form.cleaned_data["later_at"]
        )
    except calls.CannotCall as refusal:
        return refused(request, pk, str(refusal.words))
    return done(request, pk, {"attempt": attempt.pk, "outcome": attempt.outcome})


pages.register_page("callbacks/<int:pk>/calling/", calling, "callback_calling")
pages.register_page("callbacks/<int:pk>/hung-up/", hung_up, "callback_hung_up")
