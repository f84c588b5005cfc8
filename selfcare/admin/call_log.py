"""Calls in the console: the rules of each queue, and writing down a call that came in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from crm.admin import pages
from crm.models import Interaction, Subject
from crm.services import access, customers, interactions, rights
from selfcare.models import CallRule
from selfcare.services import inbound


@admin.register(CallRule)
class CallRuleAdmin(ModelAdmin):
    list_display = (
        "name",
        "shown_number",
        "ring_seconds",
        "most_attempts",
        "again_minutes",
        "countries",
        "reminder_minutes",
    )
    list_select_related = ("queue",)

    @admin.display(description=_("queue"))
    def name(self, rule: CallRule) -> str:
        return str(rule)


class CallForm(forms.Form):
    phone = forms.CharField(
        label=_("Number of the caller"),
        required=False,
        max_length=30,
        help_text=_("A known number finds its customer. Empty: it was hidden."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name, if the number is new"), required=False, max_length=120)
    subject = forms.ModelChoiceField(
        Subject.objects.leaves(),
        label=_("Subject"),
        required=False,
    )
    minutes = forms.IntegerField(
        label=_("Length of the call in minutes"), min_value=0, max_value=240, initial=5
    )
    text = forms.CharField(
        label=_("What was said on the phone"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(code, Interaction.Outcome(code).label) for code in inbound.OUTCOMES],
    )
    step = forms.CharField(
        label=_("What happens next"),
        required=False,
        max_length=200,
        help_text=_("Only when a next step is promised: it comes back when it is due."),
    )
    step_by = forms.DateTimeField(
        label=_("By when"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )


def _caller(request: HttpRequest, phone: str) -> inbound.Caller | None:
    try:
        return inbound.caller(phone, request.user) if phone else None
    except rights.TooMany:
        messages.error(request, gettext("That were very many numbers in an hour."))
        return None


def log_call(request: HttpRequest) -> HttpResponse:
    """A telephone system opens it with `?phone=` while it rings: who calls stands beside."""
    agent = access.agent_of(request.user)
    if agent is None:
        raise PermissionDenied
    phone = (request.POST.get("phone") or request.GET.get("phone", ""))[:30]
    if "look" in request.POST:
        form = CallForm(initial=request.POST.dict())
    else:
        form = CallForm(request.POST or None, initial={"phone": phone})
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = inbound.log(
                agent,
                phone=data["phone"],
                name=data["name"],
                subject=data["subject"],
                text=data["text"],
                seconds=60 * data["minutes"],
                outcome=data["outcome"],
                next_step=interactions.next_step(data["outcome"], data["step"], data["step_by"]),
            )
        except interactions.NotSaid as missing:
            form.add_error("step", str(missing.words))
        except customers.BadIdentity:
            form.add_error("phone", gettext("This does not look like a phone number."))
        else:
            messages.success(request, gettext("The call is written down."))
            return redirect("admin:crm_interaction_change", made.pk)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Write down a call"),
        "form": form,
        "caller": _caller(request, phone),
    }
    status = 422 if form.is_bound else 200
    return render(request, "selfcare/console/call_log.html", context, status=status)


def _is_agent(request: HttpRequest) -> bool:
    return access.agent_of(request.user) is not None


pages.register_page(
    "calls/log/",
    log_call,
    "call_log",
    title=_("Write down a call"),
    icon="phone_callback",
    permission=_is_agent,
    group="desk",
)
