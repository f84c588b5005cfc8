"""The phone directory, the actions and the manners of subjects in the console."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from crm.models import VisitStep
from selfcare.models import Action, PhoneNumber, SubjectManners
from selfcare.services import phone_book


class NumberForm(forms.ModelForm):
    class Meta:
        model = PhoneNumber
        fields = (
            "name_fr",
            "name_en",
            "dialled",
            "country",
            "price_kind",
            "price",
            "schedule",
            "subjects",
            "relay_url",
            "is_active",
            "position",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "subjects" in data and "price_kind" in data:
            wanted = PhoneNumber(price_kind=data["price_kind"])
            try:
                phone_book.check(wanted, data["subjects"])
            except phone_book.Refused as refusal:
                self.add_error("price_kind", str(refusal))
        return data


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ModelAdmin):
    form = NumberForm
    list_display = ("dialled", "name_fr", "label", "schedule", "is_active", "position")
    list_select_related = ("schedule",)
    list_filter = ("price_kind", "is_active")
    search_fields = ("dialled", "name_fr", "name_en")
    autocomplete_fields = ("subjects",)

    @admin.display(description=_("price"))
    def label(self, number: PhoneNumber) -> str:
        return number.label


class MannersForm(forms.ModelForm):
    class Meta:
        model = SubjectManners
        fields = ("subject", "is_presales", "cancel_url")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            phone_book.check_manners(
                SubjectManners(subject=data["subject"], is_presales=data["is_presales"])
            )
        except phone_book.Refused as refusal:
            self.add_error("is_presales", str(refusal))
        return data


@admin.register(SubjectManners)
class SubjectMannersAdmin(ModelAdmin):
    form = MannersForm
    list_display = ("subject", "is_presales", "cancel_url")
    list_select_related = ("subject",)


@admin.register(Action)
class ActionAdmin(ModelAdmin):
    list_display = ("name_fr", "url", "followed", "is_active", "position")
    search_fields = ("name_fr", "name_en", "url")
    autocomplete_fields = ("subjects",)

    def get_queryset(self, request: HttpRequest) -> Any:
        steps = (
            VisitStep.objects.filter(
                kind=VisitStep.Kind.ACTION, target=Concat(Value("action:"), OuterRef("pk"))
            )
            .order_by()
            .values("target")
            .annotate(n=Count("pk"))
            .values("n")
        )
        times = Coalesce(Subquery(steps, output_field=IntegerField()), 0)
        return super().get_queryset(request).annotate(times=times)

    @admin.display(description=_("followed"), ordering="times")
    def followed(self, action: Any) -> int:
        return int(action.times)
