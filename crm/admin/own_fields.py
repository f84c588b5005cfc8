"""Own fields in the console: their definitions, and their inputs in the forms of what has them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from crm.admin.fields import LinesField
from crm.models import OwnField
from crm.services import own_fields

Kind = OwnField.Kind
_PREFIX = "own_"


@admin.register(OwnField)
class OwnFieldAdmin(ModelAdmin):
    """Taken out of use, never deleted: values would stay behind without a name."""

    list_display = ["name", "about", "kind", "key", "is_active"]
    list_filter = ["about", "is_active"]
    fields = [
        ("about", "kind"),
        "key",
        ("name_fr", "name_en"),
        "choices",
        "help_text",
        ("is_searched", "is_active"),
        "position",
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "choices":
            return LinesField(
                required=False,
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        return ["about", "kind", "key"] if obj else []

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class OwnFiltersMixin:
    """A ModelAdmin whose list is filtered by own fields."""

    about: str

    def get_list_filter(self, request):
        """Django asks twice for each page."""
        if not hasattr(request, "own_filters"):
            request.own_filters = [*map(_filter, own_fields.definitions(self.about))]
        return [*super().get_list_filter(request), *request.own_filters]  # type: ignore[misc]


class OwnFieldsMixin(OwnFiltersMixin):
    """And whose form has them below its own fields."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        own = own_fields.definitions(self.about)
        inputs = {f"{_PREFIX}{field.key}": _input(field, obj) for field in own}
        base = kwargs.pop("form", None) or self.form  # type: ignore[attr-defined]
        kwargs["form"] = type("OwnForm", (_OwnForm, base), {**inputs, "own_definitions": own})
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]

    def get_fields(self, request, obj=None):
        names = [f"{_PREFIX}{field.key}" for field in own_fields.definitions(self.about)]
        return [*self.fields, *names]  # type: ignore[attr-defined]


class _OwnForm(forms.ModelForm):
    own_definitions: list[OwnField] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        values = {
            field.key: data[name]
            for field in self.own_definitions
            if (name := f"{_PREFIX}{field.key}") in data
        }
        try:
            own_fields.assign(self.instance, values, self.own_definitions)
        except own_fields.BadOwnFields as error:
            raise ValidationError(
                {f"{_PREFIX}{key}": why for key, why in error.errors.items()}
            ) from error
        return data


def _filter(field: OwnField) -> type[admin.SimpleListFilter]:
    """One choice of a few, or a whole value to type."""
    words = {Kind.CHOICE: [(word, word) for word in field.choices], Kind.BOOLEAN: _yes_no(field)}
    base = DropdownFilter if field.kind in words else TextFilter
    given = {
        "title": field.name,
        "parameter_name": f"{_PREFIX}{field.key}",
        "lookups": lambda self, request, model_admin: words.get(Kind(field.kind), []),
        "has_output": lambda self: True,
        "queryset": lambda self, request, rows: _having(rows, field, self.value()),
    }
    return type("OwnFilter", (base,), given)


def _having(rows: QuerySet[Any], field: OwnField, value: str | None) -> QuerySet[Any]:
    try:
        return own_fields.narrowed(rows, field, value) if value else rows
    except ValueError:
        return rows.none()  # no such value can be


def _yes_no(field: OwnField) -> list[tuple[str, str]]:
    return [(word, own_fields.display(field, word == "true")) for word in ("true", "false")]


def form_of(obj: Any, data: Any = None) -> "forms.Form":
    """The own fields alone, for what has no other form: an exchange."""
    own = own_fields.definitions(own_fields.about_of(obj))
    form = forms.Form(data, prefix="own")
    form.fields |= {field.key: _input(field, obj) for field in own}
    return form


def _input(field: OwnField, obj: Any) -> forms.Field:
    said: dict[str, Any] = {
        "label": field.name,
        "help_text": field.help_text,
        "required": False,
        "initial": obj.own.get(field.key) if obj else None,
    }
    if field.kind == Kind.BOOLEAN:
        said["initial"] = {True: "true", False: "false"}.get(said["initial"], "")
        pairs = [("", "–"), *_yes_no(field)]
        return forms.ChoiceField(choices=pairs, widget=UnfoldAdminSelectWidget, **said)
    if field.kind == Kind.CHOICE:
        pairs = [("", "–"), *((word, word) for word in field.choices)]
        if said["initial"] and said["initial"] not in field.choices:
            pairs.append((said["initial"], said["initial"]))
        return forms.ChoiceField(choices=pairs, widget=UnfoldAdminSelectWidget, **said)
    if field.kind == Kind.DATE:
        return forms.DateField(widget=UnfoldAdminSingleDateWidget, **said)
    return forms.CharField(widget=UnfoldAdminTextInputWidget, max_length=500, **said)
