"""What was hard, for leads; and the sheets for it, for administrators."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from crm.models import HardMoment, HardSheet, Interaction
from crm.services import hard_moments

from .read_only import ReadOnlyAdmin


@admin.register(HardMoment)
class HardMomentAdmin(ReadOnlyAdmin):
    """Declared at the desk; a lead lifts it here."""

    list_display = ("interaction", "customer", "kind", "agent", "at", "lifted_at", "lifted_by")
    list_select_related = ("interaction__customer", "agent", "lifted_by")
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    actions = ("lift",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HardMoment]:
        seen = Interaction.objects.visible_to(request.user)
        return super().get_queryset(request).filter(interaction__in=seen)

    @display(description=_("customer"))
    def customer(self, moment: HardMoment) -> str:
        return str(moment.interaction.customer)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("crm.change_hardmoment"))  # type: ignore[union-attr]

    @action(description=_("Lift"), permissions=["lift"])
    def lift(self, request: HttpRequest, chosen: QuerySet[HardMoment]) -> None:
        by: Any = request.user
        for moment in chosen:
            hard_moments.lift(moment, by=by)
        messages.success(request, _("Lifted."))


@admin.register(HardSheet)
class HardSheetAdmin(ModelAdmin):
    list_display = ("kind", "country", "said_fr")
    list_filter = ("kind", "country")
    fields = (("kind", "country"), "said_fr", "said_en", "sheet_fr", "sheet_en")
