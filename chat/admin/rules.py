"""The rule editor: each condition is a row that reads as a piece of the sentence."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from chat.models import InvitationRule
from chat.models.conditions import FACTS, OPS, WEEKDAYS


def vocabulary() -> dict[str, Any]:
    """Everything the editor's script needs to know, words included."""
    return {
        "facts": {
            name: {
                "label": str(fact.label),
                "kind": fact.kind,
                "unit": str(fact.unit),
                "choices": [[value, str(label)] for value, label in fact.choices],
                "presets": list(fact.presets),
                "memory": fact.memory,
            }
            for name, fact in FACTS.items()
        },
        "ops": {k: [[op, str(word)] for op, word in ops.items()] for k, ops in OPS.items()},
        "days": [str(day) for day in WEEKDAYS],
        "language": get_language(),
        "texts": {
            "all": _("all of this is true"),
            "any": _("one of this is true"),
            "if": _("Invite if"),
            "always": _("No condition: every visitor of these pages after that time."),
            "add": _("Add a condition"),
            "group": _("Add a group"),
            "remove": _("Remove"),
            "fact": _("what"),
            "op": _("how"),
            "value": _("value"),
            "key": _("name of the data"),
            "needs": _("needs consent: withheld from visitors who did not agree"),
            "and": _("and"),
        },
    }


class ConditionsWidget(UnfoldAdminTextareaWidget):
    """A text field of JSON, which the script turns into rows; without scripts it stays one."""

    template_name = "chat/console/conditions.html"

    class Media:
        css = {"all": ["chat/console/rules.css"]}
        js = [forms.Script("chat/console/rules.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"vocabulary": vocabulary(), "vocabulary_id": f"{name}-vocabulary"}


class RuleForm(forms.ModelForm):
    class Meta:
        model = InvitationRule
        exclude: list[str] = []
        widgets = {
            "conditions": ConditionsWidget(attrs={"rows": 4}),
            "pages": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }

    def clean_conditions(self) -> Any:
        found = self.cleaned_data["conditions"]
        return json.loads(found) if isinstance(found, str) else (found or {})


@admin.register(InvitationRule)
class InvitationRuleAdmin(ModelAdmin):
    form = RuleForm
    list_display = ["name", "says", "consent", "site", "position", "is_active"]
    list_select_related = ["site", "subject"]
    list_filter = ["site", "is_active"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "site", ("position", "is_active")]}),
        (gettext_lazy("When"), {"fields": ["pages", "seconds", "conditions", "cooldown_days"]}),
        (gettext_lazy("What"), {"fields": ["subject", "question_fr", "question_en"]}),
    ]

    @admin.display(description=gettext_lazy("the rule"))
    def says(self, rule: InvitationRule) -> str:
        return rule.sentence()

    @admin.display(description=gettext_lazy("consent"))
    def consent(self, rule: InvitationRule) -> str:
        return _("needs consent") if rule.needs_consent() else _("not needed")
