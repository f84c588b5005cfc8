"""Self-service under /api/v1/: the two lines of the console's page, by day."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Visit
from crm.reports.cut import Cut
from crm.reports.period import MAX_DAYS, Period, last_days
from selfcare.reports import autonomy


class DaysSerializer(serializers.Serializer):
    """Local days, both included; the last 28 if nothing is said."""

    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        usual = last_days(28)
        last = attrs.get("last", usual.last)
        found = Period(attrs.get("first", min(usual.first, last)), last)
        if not 0 <= (found.last - found.first).days < MAX_DAYS:
            raise serializers.ValidationError(_("From one to 366 days, the first one first."))
        return {"period": found}


class CountsSerializer(serializers.Serializer):
    visits = serializers.IntegerField(help_text="that came for help")
    alone = serializers.IntegerField(help_text="and asked for nobody in the same visit")
    known = serializers.IntegerField(help_text="whose person we know")
    quiet = serializers.IntegerField(
        help_text="of these, without an exchange on the subject in the next seven days"
    )
    share = serializers.FloatField(allow_null=True, help_text="alone of visits")
    known_share = serializers.FloatField(allow_null=True, help_text="quiet of known")
    coverage = serializers.FloatField(allow_null=True, help_text="known of visits")


class DaySerializer(CountsSerializer):
    day = serializers.DateField()


class SelfServiceSerializer(serializers.Serializer):
    target = serializers.FloatField()
    provisional = serializers.BooleanField(help_text="the last seven days can still become worse")
    all = CountsSerializer()
    days = DaySerializer(many=True)


class SelfServiceViewSet(viewsets.GenericViewSet):
    """Who came for help and needed nobody."""

    queryset = Visit.objects.none()
    serializer_class = SelfServiceSerializer

    @extend_schema(parameters=[DaysSerializer], responses=SelfServiceSerializer)
    def list(self, request: Request) -> Response:
        if not request.user.has_perm("crm.view_reports"):
            raise PermissionDenied
        asked = DaysSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = autonomy.figures(Cut(asked.validated_data["period"]))
        return Response(
            {
                "target": autonomy.TARGET,
                "provisional": found.provisional,
                "all": _counts(found.all),
                "days": [_counts(counts) | {"day": day} for day, counts in found.days.items()],
            }
        )


def _counts(counts: autonomy.Counts) -> dict[str, object]:
    return dict(CountsSerializer(counts).data)


routes = [("self-service", SelfServiceViewSet, "selfservice")]
