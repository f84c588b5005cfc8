"""Form fields that several of the console's forms share."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from crm import registry


def channels() -> list[tuple[str, Any]]:
    return [(channel.name, channel.label) for channel in registry.channels()]


def languages() -> Iterable[tuple[str, Any]]:
    return settings.LANGUAGES


class TickedLists:
    """For a ModelAdmin: columns that hold a list of names, shown as boxes to tick."""

    ticked: dict[str, Callable[[], Iterable[tuple[str, Any]]]]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name not in self.ticked:
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return forms.MultipleChoiceField(
            choices=self.ticked[db_field.name],
            required=not db_field.blank,
            label=capfirst(db_field.verbose_name),
            help_text=db_field.help_text,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
        )


class LinesField(forms.CharField):
    """A list of words, edited one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))
