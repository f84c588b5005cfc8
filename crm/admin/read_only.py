"""For what the console shows and nobody writes by hand."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from .quick import QuickPaginator


class ReadOnlyAdmin(ModelAdmin):
    """What happened is looked at; it changes through the services only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EndlessAdmin(ReadOnlyAdmin):
    """What grows with every customer who writes: nobody waits for its count."""

    list_per_page = 50
    paginator = QuickPaginator
    show_full_result_count = False


class ReadOnlyInline(TabularInline):
    """Its fields are to be named in `readonly_fields` too."""

    extra = 0
    can_delete = False
    hide_title = True  # the columns say it all

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
