"""Macros: several steps of the desk at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from crm.models import Macro, Subject


@admin.register(Macro)
class MacroAdmin(ModelAdmin):
    list_display = ("name", "queue", "reply", "last", "is_active")
    list_select_related = ("queue", "reply", "to_queue")
    list_filter = ("queue", "is_active")
    search_fields = ("name", "note")
    autocomplete_fields = ("reply",)
    fieldsets = [
        (None, {"fields": ["name", ("queue", "is_active")]}),
        (_("The steps"), {
            "fields": ["reply", "note", ("subject", "nature"), "then", "to_queue", "snooze_hours",
                       "outcome"],
        }),
    ]  # fmt: skip

    @display(description=_("and then"))
    def last(self, macro: Macro) -> str:
        more = macro.to_queue or macro.get_outcome_display() or macro.snooze_hours or ""
        return f"{macro.get_then_display()} {more}".strip()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "subject":
            kwargs["queryset"] = Subject.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
