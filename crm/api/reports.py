"""The figures under /api/v1/reports/: how each is counted, its value through any cut, and the
exchanges behind it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import registry
from crm.models import Interaction
from crm.reports import behind, cut, measures, statements, values
from crm.reports.measures import Measure
from crm.reports.rollup import reading


class MeasureSerializer(serializers.Serializer):
    """One figure in words."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    formula = serializers.CharField(help_text="how it is counted")
    unit = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="where the definition comes from"
    )
    topic = serializers.CharField()
    cuts = serializers.SerializerMethodField(help_text="by what it can be cut and filtered")

    def get_cuts(self, measure: Measure) -> list[str]:
        return [one.name for one in registry.dimensions() if measure.has(one)]


class FigureValueSerializer(serializers.Serializer):
    """A figure. What it holds beside `count` hangs on its unit."""

    count = serializers.IntegerField(help_text="rows behind it")
    part = serializers.IntegerField(help_text="of a share: those that are so")
    share = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True, help_text="recommendation, -100 to 100")
    value = serializers.FloatField(allow_null=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2)
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="95 %, of share, mean or points"
    )


class CellSerializer(serializers.Serializer):
    key = serializers.CharField(allow_null=True, help_text="what stands in an address; null: none")
    label = serializers.CharField()  # type: ignore[assignment]
    value = FigureValueSerializer()


class FigureSerializer(serializers.Serializer):
    measure = MeasureSerializer()
    first = serializers.DateField()
    last = serializers.DateField()
    note = serializers.CharField(
        allow_blank=True,
        help_text="says so when rows were read, for at most 31 days: from `first` to `last`",
    )
    total = FigureValueSerializer()
    by = serializers.CharField(allow_blank=True)
    cells = CellSerializer(many=True)


class StatementsSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    statements = serializers.ListField(child=serializers.CharField())


class BehindSerializer(serializers.ModelSerializer):
    class Meta:
        model = Interaction
        fields = [
            "id", "reference", "channel", "queue", "closed_by", "subject", "real_subject",
            "language", "device", "origin", "outcome", "offered_at", "assigned_at",
            "first_answer_at", "closed_at", "score",
        ]  # fmt: skip


def _text(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=words)


_ASKED = [
    OpenApiParameter(
        "days",
        OpenApiTypes.STR,
        description="The last days, today included (14); or yesterday, last_week, last_month.",
    ),
    OpenApiParameter("from", OpenApiTypes.DATE, description="Instead of days, with `to`."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day, included."),
    *(
        _text(name, "Narrows; `-` stands for none.")
        for name in ("channel", "queue", "place", "team", "agent", "subject", "language", "device",
                     "origin", "hours", "parallel", "came", "then", "incident", "rule")
    ),
]  # fmt: skip


class ReportViewSet(viewsets.GenericViewSet):
    """The registered figures, for whoever may see reports."""

    queryset = Interaction.objects.none()
    serializer_class = MeasureSerializer
    lookup_field = "name"
    lookup_value_regex = r"\w+"  # who may not look learns no names

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.has_perm("crm.view_reports"):
            raise PermissionDenied

    @extend_schema(responses=MeasureSerializer(many=True))
    def list(self, request: Request) -> Response:
        """How each figure is counted."""
        return Response(MeasureSerializer(measures.every(), many=True).data)

    @extend_schema(
        parameters=[*_ASKED, _text("by", "One of the figure's cuts.")], responses=FigureSerializer
    )
    def retrieve(self, request: Request, name: str) -> Response:
        """One figure: in all, and by one cut."""
        measure, asked, by = self._measure(name), _cut(request), request.query_params.get("by", "")
        try:
            with reading.instant() as now:
                asked = replace(asked, instant=now)
                cells = _cells(measure, asked, by) if by else []
                total = data(measure.total(asked))
        except cut.BadQuestion as error:
            raise ValidationError({str(error): _("This figure cannot be cut so.")}) from error
        return Response(
            {
                "measure": MeasureSerializer(measure).data,
                "first": asked.period.first,
                "last": asked.period.last,
                "note": asked.note,
                "total": total,
                "by": by,
                "cells": cells,
            }
        )

    @extend_schema(
        parameters=[*_ASKED, _text("part", "1: of a share, only those that are so.")],
        responses=BehindSerializer(many=True),
    )
    @action(detail=True)
    def exchanges(self, request: Request, name: str) -> Response:
        """The exchanges behind a figure that this colleague may see, paged."""
        measure, asked = self._measure(name), _cut(request)
        if not measure.is_of_exchanges:
            raise NotFound
        part = behind.is_part(request.query_params, measure)
        seen = behind.seen_by(request.user, measure.behind(asked, part=part))
        page = self.paginate_queryset(seen.order_by("-pk"))
        return self.get_paginated_response(BehindSerializer(page, many=True).data)

    @extend_schema(parameters=_ASKED, responses=StatementsSerializer)
    @action(detail=True)
    def sql(self, request: Request, name: str) -> Response:
        """The statements that count it from the rows themselves, of at most 31 days."""
        measure, asked = self._measure(name), _cut(request).read_raw()
        try:
            found = statements.counted(measure, asked).statements
        except cut.BadQuestion as error:
            raise ValidationError({str(error): _("This figure cannot be cut so.")}) from error
        days = {"first": asked.period.first, "last": asked.period.last}
        return Response({**days, "statements": found})

    def _measure(self, name: str) -> Measure:
        try:
            return measures.get(name)
        except KeyError as error:
            raise NotFound from error


def _cut(request: Request) -> cut.Cut:
    try:
        return cut.read(request.query_params)
    except cut.BadQuestion as error:
        raise ValidationError({str(error): _("We do not know that.")}) from error


def _cells(measure: Measure, asked: cut.Cut, by: str) -> list[dict[str, Any]]:
    known = {one.name: one for one in registry.dimensions()}
    if by not in known or by == "agent" or not measure.has(known[by]):  # nobody is ranked
        raise cut.BadQuestion("by")
    dimension = known[by]
    choices = dimension.choices()
    return [
        {
            "key": None if key is None else str(key),
            "label": dimension.label_of(key, choices),
            "value": data(value),
        }
        for key, value in measure.by(asked, dimension).items()
    ]


def data(value: values.Value) -> Mapping[str, Any]:
    """A figure's value as plain numbers."""
    if isinstance(value, int):
        return {"count": value}
    if isinstance(value, values.Times):
        return {"count": value.count, "mean": value.mean, "median": value.median, "p90": value.p90}
    if isinstance(value, values.Share):
        part = {"part": value.part, "share": value.share, "interval": value.interval}
        return {"count": value.count, **part}
    if isinstance(value, values.Points):
        points = {"points": value.points, "interval": value.points_interval}
        return {"count": value.count, "mean": value.mean, **points}
    if isinstance(value, values.Scores):
        part = {"part": value.satisfied, "share": value.share, "interval": value.interval}
        return {"count": value.count, "mean": value.mean, **part}
    if isinstance(value, values.Amount):
        return {"count": value.count, "total": value.total}
    return {"count": value.count, "value": value.value}


routes = [("reports", ReportViewSet, "report")]
