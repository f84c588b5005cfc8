"""How agents write: the guide of each queue, and the list of what does not leave."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from crm.models import StopRule, ToneGuide


@admin.register(ToneGuide)
class ToneGuideAdmin(ModelAdmin):
    list_display = (
        "queue", "greeting", "name", "formal", "capitals", "most_exclamations", "most_words",
        "closing",
    )  # fmt: skip
    list_select_related = ("queue",)
    fields = (
        "queue",
        ("greeting", "name"),
        ("formal", "capitals"),
        ("most_exclamations", "most_words"),
        "closing",
        ("closing_fr", "closing_en"),
    )


@admin.register(StopRule)
class StopRuleAdmin(ModelAdmin):
    list_display = ("name", "kind", "stops", "masks", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "words")
    fields = ("name", ("kind", "is_active"), "words", ("stops", "masks"), "advice_fr", "advice_en")
