"""Weeks of a team or a person under /api/v1/report-weeks/, for whoever may read them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.reports import FigureValueSerializer, data
from crm.models import Interaction
from crm.reports import teams


class WeekSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    figures = serializers.DictField(
        child=FigureValueSerializer(),
        allow_null=True,
        help_text="By name; null: fewer than five people of the team worked.",
    )


class WeekViewSet(viewsets.GenericViewSet):
    """One team or one person at a time: agents their own, leads their team's, managers each."""

    queryset = Interaction.objects.none()
    serializer_class = WeekSerializer
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("team", OpenApiTypes.INT, description="One's own, or the first."),
            OpenApiParameter("person", OpenApiTypes.INT, description="An agent of it."),
        ],
        responses=WeekSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """The last eight weeks, the oldest first."""
        if not teams.may_look(request.user):
            raise PermissionDenied
        asked = request.query_params
        try:
            who = teams.whose(request.user, asked.get("team", ""), asked.get("person", ""))
        except teams.NotYours as error:
            raise NotFound from error
        return Response([_said(week) for week in teams.weeks(who)])


def _said(week: teams.Week) -> dict[str, Any]:
    values = week.values
    return {
        "first": week.cut.period.first,
        "last": week.cut.period.last,
        "figures": values and {name: data(value) for name, value in values.items()},
    }


routes = [("report-weeks", WeekViewSet, "report-week")]
