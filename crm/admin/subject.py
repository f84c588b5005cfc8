"""What it is about: the tree of subjects."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from crm.models import Subject


@admin.register(Subject)
class SubjectAdmin(ModelAdmin):
    """Subjects are retired, never deleted: history points at them."""

    list_display = ["name", "parent", "queue", "schedule", "position", "is_active"]
    list_select_related = ["parent", "queue", "schedule"]
    list_filter = ["is_active", "queue"]
    search_fields = ["name_fr", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    ordering = ["position", "pk"]
    fields = [
        ("name_fr", "name_en"),
        "slug",
        "parent",
        ("queue", "off_hours_queue"),
        "schedule",
        "priority",
        ("position", "is_active"),
    ]

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None
