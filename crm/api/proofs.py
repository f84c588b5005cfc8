"""Who speaks in an exchange, over REST: where a code may go, sending one, and entering it; and the
exchange's own fields."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import records
from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import Interaction
from crm.services import interactions, own_fields, verification

_MAY = "crm.change_interaction"


class AddressSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    value = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)


class CodeAskedSerializer(serializers.Serializer):
    identity = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="One of `addresses`: known before the exchange."
    )


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=20)


class ProofSerializer(serializers.Serializer):
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = serializers.CharField()


class OwnAskedSerializer(serializers.Serializer):
    own = records.OwnValuesField()


class ProofVerbs:
    @extend_schema(responses={200: AddressSerializer(many=True)})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=None)
    def addresses(self, request: Request, pk: str | None = None) -> Response:
        """Where a code may go: addresses that were on the record before the exchange began."""
        found = verification.addresses(self._row())
        return Response(AddressSerializer(found, many=True).data)

    @extend_schema(request=CodeAskedSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def send_code(self, request: Request, pk: str | None = None) -> Response:
        """Mail a one-time code. 409: not to this address, too often, or the exchange is closed."""
        row = self._working(request)
        asked = CodeAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            verification.send_code(row, asked.validated_data["identity"], by=request.user)  # type: ignore[arg-type]
        except verification.NotEligible:
            raise Conflict({"identity": _("This address was not known before.")}) from None
        except verification.TooOften:
            raise Conflict({"identity": _("Three codes an hour are enough.")}) from None
        except verification.NotOpen:
            raise Conflict({"detail": _("It is closed.")}) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=CodeSerializer, responses={200: ProofSerializer})
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str | None = None) -> Response:
        """Enter the code. 409: it is not the one, or has expired; five wrong ones spend it."""
        row = self._working(request)
        asked = CodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            right = verification.confirm(row, asked.validated_data["code"])
        except verification.NotOpen:
            raise Conflict({"detail": _("It is closed.")}) from None
        if not right:
            raise Conflict({"code": _("This is not the code, or it has expired.")})
        row.refresh_from_db()
        return Response(ProofSerializer(row).data)

    @extend_schema(request=OwnAskedSerializer, responses={200: OwnAskedSerializer})
    @action(detail=True, methods=["post"])
    def own(self, request: Request, pk: str | None = None) -> Response:
        """Set own fields; those not sent stay, null empties one."""
        if not request.user.has_perm(_MAY):
            raise PermissionDenied
        asked = OwnAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values: Any = asked.validated_data["own"]
        if not isinstance(values, dict):
            raise ValidationError({"own": [_("An object with a value per key.")]})
        try:
            row = interactions.fill(self._row(), values)
        except own_fields.BadOwnFields as error:
            raise ValidationError({"own": error.errors}) from error
        return Response({"own": row.own})

    def _row(self) -> Interaction:
        return self.get_object()  # type: ignore[attr-defined,no-any-return]

    def _working(self, request: Request) -> Interaction:
        answering_agent(request)
        return self._row()
