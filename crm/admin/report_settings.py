"""What the reports must be told, in the console: one row."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from crm.models import ReportSettings


@admin.register(ReportSettings)
class ReportSettingsAdmin(ModelAdmin):
    list_display = ["__str__", "hourly_cost"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not ReportSettings.objects.exists()

    def has_delete_permission(
        self, request: HttpRequest, obj: ReportSettings | None = None
    ) -> bool:
        return False
