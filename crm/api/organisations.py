"""Companies over REST. Their people are `/customers/?organisation=`, their exchanges
`/interactions/?customer__organisation=`."""

from typing import Any

from django.core.exceptions import ValidationError as BadModel
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.records import OWN_FILTERS, OwnSerializer
from crm.models import Organisation, OrganisationDomain
from crm.services import organisations


class DomainsField(serializers.ListField):
    child = serializers.CharField(max_length=253)

    def to_representation(self, data: Any) -> list[str]:
        return [domain.name for domain in data.all()]


class OrganisationSerializer(OwnSerializer):
    domains = DomainsField(
        required=False, max_length=100, help_text="Mail domains; sent, they are all of them."
    )

    class Meta:
        model = Organisation
        fields = ["id", "name", "domains", "own", "created_at"]
        read_only_fields = ["created_at"]

    def validate_domains(self, names: list[str]) -> list[OrganisationDomain]:
        found = [OrganisationDomain(organisation=self.instance, name=name) for name in names]
        for domain in found:
            try:
                domain.clean()
            except BadModel as error:
                raise ValidationError(error.message_dict["name"]) from error
        wanted = {domain.name: domain for domain in found}
        taken = OrganisationDomain.objects.filter(name__in=wanted)
        if taken.exclude(organisation=self.instance).exists():
            raise ValidationError(_("Another organisation has one of these domains."))
        return list(wanted.values())

    @transaction.atomic
    def save(self, **kwargs: Any) -> Organisation:
        domains: list[OrganisationDomain] | None = self.validated_data.pop("domains", None)
        house: Organisation = super().save(**kwargs)
        if domains is not None:
            names = [domain.name for domain in domains]
            house.domains.exclude(name__in=names).delete()
            known = set(house.domains.values_list("name", flat=True))
            house.domains.bulk_create(
                OrganisationDomain(organisation=house, name=name)
                for name in names
                if name not in known
            )
        return house


class OverviewSerializer(serializers.Serializer):
    """As far as the reader may see."""

    members = serializers.IntegerField()
    open = serializers.IntegerField()
    exchanges = serializers.DictField(
        child=serializers.IntegerField(), help_text="Channel → opened in the last 90 days."
    )


class OrganisationViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, viewsets.ReadOnlyModelViewSet
):
    """Companies, and the mail domains by which new customers join them."""

    queryset = Organisation.objects.prefetch_related("domains")
    serializer_class = OrganisationSerializer
    filter_backends = OWN_FILTERS
    filterset_fields = ["name"]

    @extend_schema(responses={200: OverviewSerializer})
    @action(detail=True, methods=["get"])
    def overview(self, request: Request, pk: str | None = None) -> Response:
        """How many people, what is open, and what there was lately."""
        house = self.get_object()
        seen = organisations.exchanges(house, request.user)
        answer = {
            "members": organisations.members(house, request.user).count(),
            "open": seen.open().count(),
            "exchanges": organisations.recent_counts(seen),
        }
        return Response(OverviewSerializer(answer).data)
