"""Opening hours over REST: the rows whole, and the calendar's answers."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm import clock
from crm.models import Closure, DatedOpening, Opening, Schedule
from crm.services import hours


class OpeningSerializer(serializers.ModelSerializer):
    class Meta:
        model = Opening
        fields = ["weekday", "opens", "closes"]


class DatedOpeningSerializer(serializers.ModelSerializer):
    class Meta:
        model = DatedOpening
        fields = ["day", "opens", "closes", "reason_fr", "reason_en"]


class ClosureSerializer(serializers.ModelSerializer):
    class Meta:
        model = Closure
        fields = ["day", "last_day", "reason_fr", "reason_en"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("last_day") and attrs["last_day"] < attrs["day"]:
            raise serializers.ValidationError({"last_day": _("The last day is before the first.")})
        return attrs


_PARTS = {"openings": Opening, "dated_openings": DatedOpening, "closures": Closure}


class ScheduleSerializer(serializers.ModelSerializer):
    """A list that is given replaces the one that was there; one left out stays."""

    openings = OpeningSerializer(many=True, required=False)
    dated_openings = DatedOpeningSerializer(many=True, required=False)
    closures = ClosureSerializer(many=True, required=False)

    class Meta:
        model = Schedule
        fields = [
            "id", "name", "time_zone", "always_open", "country", "region",
            "openings", "dated_openings", "closures",
        ]  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        country = attrs.get("country", getattr(self.instance, "country", ""))
        region = attrs.get("region", getattr(self.instance, "region", ""))
        zone = attrs.get("time_zone")
        if fault := Schedule.fault(country, region, zone):
            raise serializers.ValidationError(fault)
        for name, once in (
            ("openings", ("weekday", "opens")),
            ("dated_openings", ("day", "opens")),
            ("closures", ("day",)),
        ):
            keys = [tuple(row[part] for part in once) for row in attrs.get(name, [])]
            if len(keys) != len(set(keys)):
                raise serializers.ValidationError({name: _("Two lines begin at the same time.")})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Schedule:
        return self._write(Schedule(), validated_data)

    def update(self, instance: Schedule, validated_data: dict[str, Any]) -> Schedule:
        return self._write(instance, validated_data)

    @transaction.atomic
    def _write(self, schedule: Schedule, data: dict[str, Any]) -> Schedule:
        parts = {name: data.pop(name) for name in _PARTS if name in data}
        for name, value in data.items():
            setattr(schedule, name, value)
        schedule.save()
        for name, rows in parts.items():
            model: Any = _PARTS[name]
            model.objects.filter(schedule=schedule).delete()
            model.objects.bulk_create(model(schedule=schedule, **row) for row in rows)
        return Schedule.objects.get(pk=schedule.pk)


class MomentSerializer(serializers.Serializer):
    """What holds at one moment; times in the calendar's own zone."""

    at = serializers.DateTimeField()
    is_open = serializers.BooleanField()
    next_opening = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    because_fr = serializers.CharField(help_text=_("What customers read about unusual hours."))
    because_en = serializers.CharField()


class _Asked(serializers.Serializer):
    at = serializers.DateTimeField(required=False)


class ScheduleViewSet(viewsets.ModelViewSet):
    queryset = Schedule.objects.prefetch_related("openings", "dated_openings", "closures")
    serializer_class = ScheduleSerializer
    http_method_names = ["get", "post", "put", "patch", "head", "options"]

    @extend_schema(parameters=[_Asked], responses=MomentSerializer)
    @action(detail=True)
    def moment(self, request: Request, pk: str | None = None) -> Response:
        """Open or closed at a moment (`at`, default now), until when, and why."""
        schedule = self.get_object()
        asked = _Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at: datetime = asked.validated_data.get("at") or clock.now()
        return Response(
            MomentSerializer(
                {
                    "at": at,
                    "is_open": schedule.is_open(at),
                    "next_opening": schedule.next_opening(at),
                    "closes_at": schedule.closes_at(at),
                    "because_fr": hours.because(schedule, at, "fr"),
                    "because_en": hours.because(schedule, at, "en"),
                }
            ).data
        )


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("schedules", ScheduleViewSet, "schedule"),
]
