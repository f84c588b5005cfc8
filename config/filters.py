"""What the API's lists may be narrowed by."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django_filters.fields import IsoDateTimeField
from django_filters.filters import IsoDateTimeFilter
from django_filters.rest_framework import DjangoFilterBackend, FilterSet


class _MomentField(IsoDateTimeField):
    """A moment of any zone; PostgreSQL reads none further than 16 hours from UTC."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return found and found.astimezone(UTC)
        except OverflowError as beyond:  # before the first day, or after the last
            raise ValidationError(self.error_messages["invalid"], code="invalid") from beyond


class _MomentFilter(IsoDateTimeFilter):
    field_class = _MomentField


class _Filters(FilterSet):
    FILTER_DEFAULTS = FilterSet.FILTER_DEFAULTS | {
        models.DateTimeField: {"filter_class": _MomentFilter}
    }


class Filters(DjangoFilterBackend):
    filterset_base = _Filters
