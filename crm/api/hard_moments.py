"""Hard moments over REST."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.api.replies import Cleaned
from crm.models import HardMoment, HardSheet, Interaction
from crm.services import hard_moments, interactions


class HardMomentSerializer(serializers.ModelSerializer):
    class Meta:
        model = HardMoment
        fields = ["id", "interaction", "kind", "agent", "at", "lifted_at", "lifted_by"]
        read_only_fields = ["agent", "at", "lifted_at", "lifted_by"]


class HardMomentViewSet(viewsets.ReadOnlyModelViewSet):
    """Those of the exchanges the reader may see. Creating one warns, or locks, as its sheet says;
    `end` is for an exchange whose customer was warned."""

    queryset = HardMoment.objects.all()
    serializer_class = HardMomentSerializer
    filterset_fields = ["interaction", "kind"]

    def get_queryset(self) -> QuerySet[HardMoment]:
        seen = Interaction.objects.visible_to(self.request.user)
        return HardMoment.objects.filter(interaction__in=seen)

    @extend_schema(request=HardMomentSerializer, responses={201: HardMomentSerializer})
    @action(detail=False, methods=["post"])
    def declare(self, request: Request) -> Response:
        """Of an exchange in one's own hands (409 otherwise). Twice is once."""
        agent = answering_agent(request)
        given = HardMomentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = given.validated_data["interaction"]
        try:
            made = hard_moments.declare(row, given.validated_data["kind"], by=agent)
        except interactions.NotFree:
            raise Conflict({"detail": _("It is closed, or not yours.")}) from None
        return Response(HardMomentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        """Close the exchange of a customer who was warned for abuse."""
        agent = answering_agent(request)
        try:
            hard_moments.end(self.get_object().interaction, by=agent)
        except hard_moments.NotWarned:
            raise Conflict({"detail": _("Warn the customer first.")}) from None
        except (interactions.NotFree, interactions.CannotClose):
            raise Conflict({"detail": _("It is closed, or not yours.")}) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str | None = None) -> Response:
        """A lead's: it was none, or it is over."""
        if not request.user.has_perm("crm.change_hardmoment"):
            raise PermissionDenied
        hard_moments.lift(self.get_object(), by=request.user)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class HardSheetSerializer(Cleaned):
    class Meta:
        model = HardSheet
        fields = ["id", "kind", "country", "said_fr", "said_en", "sheet_fr", "sheet_en"]


class HardSheetViewSet(viewsets.ModelViewSet):
    queryset = HardSheet.objects.all()
    serializer_class = HardSheetSerializer


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("hard-moments", HardMomentViewSet, "hardmoment"),
    ("hard-sheets", HardSheetViewSet, "hardsheet"),
]
