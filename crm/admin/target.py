"""The promises to customers, as a list that reads like sentences; and where a refusal leads."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from crm import registry
from crm.models import Complaint, Interaction, Recourse, Target

from .interaction import channel_label
from .read_only import ReadOnlyAdmin

_ANY = gettext_lazy("any")


class TargetForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if known := self.fields.get("channel"):
            choices = [("", _ANY), *((one.name, one.label) for one in registry.channels())]
            self.fields["channel"] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=known.label,
                help_text=known.help_text,
                widget=UnfoldAdminSelectWidget,
            )


@admin.register(Target)
class TargetAdmin(ModelAdmin):
    form = TargetForm
    list_display = ["position", "name", "when", "promise", "then", "is_active"]
    list_display_links = ["name"]
    list_select_related = ["queue", "move_to", "schedule"]
    ordering = ["position", "pk"]
    fieldsets = [
        (None, {"fields": ["name", ("position", "is_active")]}),
        (gettext_lazy("For which exchanges"), {
            "fields": [("queue", "channel"), ("nature", "priority")],
        }),
        (gettext_lazy("What is promised"), {
            "fields": [
                ("first_answer", "next_answer"), ("solution", "latest_days"),
                ("schedule", "round_the_clock"),
            ],
        }),
        (gettext_lazy("When time runs out"), {
            "fields": ["warn_percent", ("notify_lead", "raise_priority"), "move_to"],
        }),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("for"))
    def when(self, rule: Target) -> str:
        channel = channel_label(rule.channel) if rule.channel else ""
        urgent = (
            _("priority %(n)s and above") % {"n": rule.priority}
            if rule.priority is not None
            else ""
        )
        parts = [
            channel,
            rule.get_nature_display() if rule.nature else "",
            urgent,
            rule.queue or "",
        ]
        return ", ".join(str(part) for part in parts if part) or _("everything else")

    @admin.display(description=gettext_lazy("promise"))
    def promise(self, rule: Target) -> str:
        pairs = [
            (_("first answer %(time)s"), rule.first_answer),
            (_("next answer %(time)s"), rule.next_answer),
            (_("solution %(time)s"), rule.solution),
        ]
        words = [text % {"time": in_words(time)} for text, time in pairs if time]
        if rule.latest_days:
            words.append(_("at the latest %(n)s days") % {"n": rule.latest_days})
        if rule.round_the_clock:
            words.append(_("day and night"))
        elif rule.schedule:
            words.append(str(rule.schedule))
        return ", ".join(words) or "–"

    @admin.display(description=gettext_lazy("late"))
    def then(self, rule: Target) -> str:
        words = []
        if rule.notify_lead:
            words.append(_("tell the team lead"))
        if rule.raise_priority:
            words.append(_("priority +%(n)s") % {"n": rule.raise_priority})
        if rule.move_to:
            words.append(_("to %(queue)s") % {"queue": rule.move_to})
        return ", ".join(words) or _("warn the agent")


def in_words(time: str) -> str:
    """ "2 d" → "2 working days"; the rest stands as it is written."""
    count = time.rstrip("dj ")
    return time if count == time else _("%(n)s working days") % {"n": count}


@admin.register(Recourse)
class RecourseAdmin(ModelAdmin):
    """Without the one of this installation's brand no complaint can be refused."""

    list_display = ["brand", "second_level_fr", "mediator_fr"]
    fields = ["brand", ("second_level_fr", "second_level_en"), ("mediator_fr", "mediator_en")]

    def get_changeform_initial_data(self, request):
        return {"brand": settings.BRAND}


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Every complaint with its level, owner and verdict; work is done at the desk."""

    list_display = ["interaction", "customer", "level_name", "owner", "founded", "opened_at"]
    list_select_related = ["interaction__customer", "owner"]
    list_filter = ["level", "founded", "owner"]
    ordering = ["-opened_at", "-pk"]

    def get_queryset(self, request):
        seen = Interaction.objects.visible_to(request.user)
        return super().get_queryset(request).filter(interaction__in=seen)

    @admin.display(description=gettext_lazy("customer"))
    def customer(self, row: Complaint) -> str:
        return str(row.interaction.customer)

    @admin.display(description=gettext_lazy("level"), ordering="level")
    def level_name(self, row: Complaint) -> str:
        return row.get_level_display()
