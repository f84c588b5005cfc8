"""Privacy over REST: requests with their due dates, the copy, erasure, holds, retention."""

from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.conflict import Conflict
from crm.models import Consent, Customer, PrivacyRequest, RetentionRule
from crm.services import privacy, rights


class RequestSerializer(serializers.ModelSerializer):
    customer = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.all(), allow_null=False, required=True
    )

    class Meta:
        model = PrivacyRequest
        fields = [
            "id", "kind", "state", "customer", "customer_number", "received_at", "due_at",
            "done_at", "reason", "total", "handled",
        ]  # fmt: skip
        read_only_fields = [
            "state", "customer_number", "due_at", "done_at", "reason", "total", "handled",
        ]  # fmt: skip

    def validate_customer(self, customer: Customer) -> Customer:
        if not rights.may_see(self.context["request"].user, customer):
            raise serializers.ValidationError(_("No such customer."))
        return customer


class PrivacyViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """What persons asked for. Creating one of kind `erase` or `delete` begins the erasure; `object`
    is done at once; `access` is answered by its archive."""

    queryset = PrivacyRequest.objects.all()
    serializer_class = RequestSerializer
    filterset_fields = ["kind", "state", "customer_number"]

    def perform_create(self, serializer: Any) -> None:
        asked, user = serializer.validated_data, self.request.user
        if not user.has_perm("crm.handle_privacy"):
            raise PermissionDenied
        try:
            if asked["kind"] == PrivacyRequest.Kind.OBJECT:
                privacy.object_to(asked["customer"], Consent.Purpose.SURVEY, by=user, source="api")
                serializer.instance = asked["customer"].privacy_requests.first()
                return
            serializer.instance = privacy.open_request(
                asked["customer"],
                asked["kind"],
                by=user,
                received_at=asked.get("received_at"),
            )
        except privacy.OnHold as error:
            raise Conflict(_("A legal hold keeps this customer’s data.")) from error
        except privacy.OpenWork as error:
            raise Conflict(_("Exchanges are still open. Close them first.")) from error

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def archive(self, request: Request, pk: str | None = None) -> FileResponse:
        """The copy of the data, for a request of kind `access`."""
        row = self.get_object()
        customer = row.customer
        if not request.user.has_perm("crm.handle_privacy"):
            raise PermissionDenied
        if customer is None or row.kind != PrivacyRequest.Kind.ACCESS:
            raise Conflict(_("There is nothing to copy."))
        if not rights.may_see(request.user, customer):
            raise PermissionDenied
        file = privacy.hand_over(customer, by=request.user, request=row)
        return FileResponse(file, as_attachment=True, filename=f"customer-{customer.pk}.zip")


class RuleSerializer(serializers.Serializer):
    purpose = serializers.CharField(source="retention.name")
    name = serializers.CharField(source="retention.label", read_only=True)
    days = serializers.IntegerField(source="rule.days", min_value=1, max_value=36_500)
    confirmed_at = serializers.DateTimeField(source="rule.confirmed_at", read_only=True)
    would_go = serializers.IntegerField(
        source="count", read_only=True, help_text="How much would go now: the dry run."
    )


class RetentionViewSet(viewsets.GenericViewSet):
    """How long what is kept. Nothing goes until the rules are confirmed."""

    queryset = RetentionRule.objects.all()
    serializer_class = RuleSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: RuleSerializer(many=True)})
    def list(self, request: Request) -> Response:
        """With what would go today."""
        return Response(RuleSerializer(privacy.preview(), many=True).data)

    @extend_schema(request=RuleSerializer(many=True), responses={200: RuleSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Confirm the rules with these days; purposes left out keep theirs."""
        if not request.user.has_perm("crm.change_retentionrule"):
            raise PermissionDenied
        asked = RuleSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        privacy.confirm(
            {row["retention"]["name"]: row["rule"]["days"] for row in asked.validated_data}
        )
        return Response(RuleSerializer(privacy.rules(), many=True).data, status.HTTP_200_OK)
