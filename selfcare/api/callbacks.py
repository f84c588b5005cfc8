"""Callbacks under /api/v1/: for staff, and only what they may see."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm import clock
from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import Customer, Interaction, Subject
from crm.services import rights
from selfcare.models import Callback, CallbackAttempt
from selfcare.services import callbacks, calls, slots, zones


class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = CallbackAttempt
        fields = ("id", "agent", "outcome", "started_at", "ended_at", "punctual")
        read_only_fields = fields

    punctual = serializers.BooleanField(read_only=True)


class CallbackSerializer(serializers.ModelSerializer):
    """Without `slot`, as soon as possible; `slot` is the start of a free half hour."""

    customer = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.all(), source="interaction.customer"
    )
    subject = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Subject.objects.filter(is_active=True).exclude(queue=None),
        source="interaction.subject",
    )
    slot = serializers.DateTimeField(write_only=True, required=False)
    reference = serializers.CharField(source="interaction.reference", read_only=True)
    status = serializers.CharField(source="interaction.status", read_only=True)
    attempts = AttemptSerializer(many=True, read_only=True)

    def validate_customer(self, customer: Customer) -> Customer:
        if not rights.may_see(self.context["request"].user, customer):
            raise serializers.ValidationError(_("No such customer."))
        return customer

    class Meta:
        model = Callback
        fields = (
            "interaction",
            "reference",
            "status",
            "customer",
            "subject",
            "phone",
            "mail",
            "asked_text",
            "slot",
            "slot_start",
            "slot_end",
            "promised_at",
            "attempts_made",
            "number_confirmed",
            "created_at",
            "attempts",
        )
        read_only_fields = (
            "interaction",
            "slot_start",
            "slot_end",
            "promised_at",
            "attempts_made",
            "number_confirmed",
            "created_at",
        )
        extra_kwargs = {"phone": {"max_length": 30}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        queue = attrs["interaction"]["subject"].queue
        try:
            return attrs | {"phone": callbacks.check_number(attrs["phone"], queue)}
        except callbacks.BadNumber as error:
            raise serializers.ValidationError({"phone": [str(error)]}) from error

    def create(self, validated_data: dict[str, Any]) -> Callback:
        about = validated_data["interaction"]
        try:
            return callbacks.request(
                about["customer"],
                phone=validated_data["phone"],
                subject=about["subject"],
                slot=validated_data.get("slot"),
                asked_text=validated_data.get("asked_text", ""),
                mail=validated_data.get("mail", ""),
                language=about["customer"].language,
                origin=Interaction.Origin.STAFF,
            )
        except callbacks.Refused as refusal:
            raise Conflict(str(refusal)) from refusal


class SlotsQuerySerializer(serializers.Serializer):
    subject = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.filter(is_active=True).with_hours()
    )
    zone = serializers.CharField(default="Europe/Paris", help_text="Where the customer is.")

    def validate_zone(self, value: str) -> str:
        if not zones.known(value):
            raise serializers.ValidationError(_("No such time zone."))
        return value


class SlotSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    places = serializers.IntegerField()


class MoveSerializer(serializers.Serializer):
    slot = serializers.DateTimeField(
        required=False, default=None, help_text="Empty: as soon as possible."
    )


class HungUpSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=CallbackAttempt.Outcome.choices)
    later_at = serializers.DateTimeField(required=False, default=None)


class CallbackViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet,
):
    """Calls promised to customers; POST promises one more. Agents call with `calling`, then
    `hung-up`."""

    serializer_class = CallbackSerializer
    queryset = Callback.objects.select_related(
        "interaction__customer", "interaction__subject"
    ).prefetch_related("attempts")
    filterset_fields = ("phone", "interaction__status")

    def get_queryset(self) -> QuerySet[Callback]:
        seen = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=seen)

    @extend_schema(parameters=[SlotsQuerySerializer], responses=SlotSerializer(many=True))
    @action(detail=False, pagination_class=None, filter_backends=[])
    def slots(self, request: Request) -> Response:
        """The free half hours of the next days, for a subject."""
        asked = SlotsQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        days = slots.free_days(at=clock.now(), **asked.validated_data)
        free = [slot for _day, of_day in days for slot in of_day]
        return Response(SlotSerializer(free, many=True).data)

    @extend_schema(request=MoveSerializer, responses={200: CallbackSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Promise another time; the customer is told."""
        return self._change(lambda key, given: callbacks.move(key, given["slot"]), MoveSerializer)

    @extend_schema(request=None, responses={200: CallbackSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """The customer does not want it any more."""
        return self._change(lambda key, given: callbacks.cancel(key))

    @extend_schema(request=None, responses={200: CallbackSerializer})
    @action(detail=True, methods=["post"])
    def calling(self, request: Request, pk: str) -> Response:
        """ "I am calling": whoever has it in hand."""
        agent = answering_agent(request)
        return self._change(lambda key, given: calls.calling(key, agent))

    @extend_schema(request=HungUpSerializer, responses={200: CallbackSerializer})
    @action(detail=True, methods=["post"], url_path="hung-up")
    def hung_up(self, request: Request, pk: str) -> Response:
        """What came of the call; another one is promised where the queue's rule says so."""
        agent = answering_agent(request)
        return self._change(lambda key, given: calls.hung_up(key, agent, **given), HungUpSerializer)

    def _change(
        self,
        verb: Callable[[int, dict[str, Any]], object],
        form: type[serializers.Serializer] = serializers.Serializer,
    ) -> Response:
        found = self.get_object()
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        try:
            verb(found.pk, given.validated_data)
        except callbacks.Refused as refusal:
            raise Conflict(str(refusal)) from refusal
        except calls.CannotCall as refusal:
            raise Conflict(str(refusal.words)) from refusal
        return Response(self.get_serializer(self.get_object()).data)


routes = [("callbacks", CallbackViewSet, "callback")]
