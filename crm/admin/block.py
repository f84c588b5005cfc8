"""Blocked customers: who, why, until when; a lead blocks and lifts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from crm.models import Block
from crm.services import blocks, rights


class BlockForm(forms.ModelForm):
    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        try:
            blocks.check_end(until)
        except blocks.BadEnd:
            raise ValidationError(_("Choose an end within a year.")) from None
        return until


@admin.register(Block)
class BlockAdmin(ModelAdmin):
    """Written once and lifted: what was decided, and by whom, stays to be read."""

    form = BlockForm
    list_display = ("customer", "reason", "at", "until", "by", "lifted_at", "lifted_by")
    list_select_related = ("customer", "by", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "customer__last_name")
    fields = ("customer", "reason", "until")
    autocomplete_fields = ("customer",)
    actions = ("lift",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        seen = rights.customers_for(request.user)
        return super().get_queryset(request).filter(customer__in=seen)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "customer":
            kwargs["queryset"] = rights.customers_for(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("crm.change_block"))  # type: ignore[union-attr]

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        by: Any = request.user
        made = blocks.block(obj.customer, reason=obj.reason, until=obj.until, by=by)
        obj.pk = made.pk

    @action(description=gettext_lazy("Lift"), permissions=["lift"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Block]) -> None:
        by: Any = request.user
        for one in chosen:
            blocks.lift(one, by=by)
        messages.success(request, _("Lifted."))
