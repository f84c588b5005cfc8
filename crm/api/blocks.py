"""Blocked customers over REST."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Block, Customer
from crm.services import blocks, rights


class BlockSerializer(serializers.ModelSerializer):
    class Meta:
        model = Block
        fields = ["id", "customer", "reason", "at", "until", "by", "lifted_at", "lifted_by"]
        read_only_fields = ["at", "by", "lifted_at", "lifted_by"]

    def validate_customer(self, customer: Customer) -> Customer:
        if not rights.may_see(self.context["request"].user, customer):
            raise ValidationError(_("There is no such customer."))
        return customer

    def create(self, validated_data: dict[str, Any]) -> Block:
        try:
            return blocks.block(**validated_data, by=self.context["request"].user)
        except blocks.BadEnd:
            raise ValidationError({"until": [_("Choose an end within a year.")]}) from None


class BlockViewSet(mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet):
    """A team lead's: until `until` nothing new begins with this customer, by any door."""

    queryset = Block.objects.all()
    serializer_class = BlockSerializer
    filterset_fields = {"customer": ["exact"], "lifted_at": ["isnull"], "until": ["gt"]}

    def get_queryset(self) -> QuerySet[Block]:
        return Block.objects.filter(customer__in=rights.customers_for(self.request.user))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str | None = None) -> Response:
        if not request.user.has_perm("crm.change_block"):
            raise PermissionDenied
        blocks.lift(self.get_object(), by=request.user)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [("blocks", BlockViewSet, "block")]
