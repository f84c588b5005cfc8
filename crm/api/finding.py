"""A customer by one of their identities, known to the last character."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Customer
from crm.services import rights


class FindSerializer(serializers.Serializer):
    identity = serializers.CharField(
        max_length=254, help_text="A whole email address, phone number or external number."
    )


class FoundSerializer(serializers.Serializer):
    customer = serializers.IntegerField()


class FindViewSet(viewsets.GenericViewSet):
    """Opens the record of the customer who owns exactly this identity, for the length of a shift,
    to a colleague whose queues do not lead there. It is kept in the audit trail."""

    queryset = Customer.objects.none()
    serializer_class = FindSerializer

    @extend_schema(request=FindSerializer, responses={200: FoundSerializer})
    def create(self, request: Request) -> Response:
        asked = FindSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            found = rights.open_by_identity(request.user, asked.validated_data["identity"])
        except rights.TooMany:
            raise Throttled from None
        if found is None:
            raise NotFound(_("Nobody has exactly this identity."))
        return Response({"customer": found.pk})
