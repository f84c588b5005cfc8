"""Calls under /api/v1/: a telephone system writes down those that came in; each queue has rules."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.promising import PromisingSerializer
from crm.models import Agent, Interaction, Subject
from crm.services import access, customers, rights
from selfcare.api.callbacks import CallbackSerializer
from selfcare.models import Callback, CallRule
from selfcare.services import inbound


class InboundCallSerializer(PromisingSerializer):
    """`key` is the telephone system's own: the same one again is the same call."""

    key = serializers.CharField(max_length=64, required=False, default="")
    agent = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.all(), required=False)
    phone = serializers.CharField(max_length=30, allow_blank=True)
    name = serializers.CharField(max_length=120, required=False, default="")
    subject = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.all(), required=False, default=None
    )
    text = serializers.CharField(max_length=4000, required=False, default="")
    seconds = serializers.IntegerField(min_value=0, max_value=14_400, default=0)
    outcome = serializers.ChoiceField(choices=inbound.OUTCOMES, default=Interaction.Outcome.SOLVED)

    def validate_phone(self, value: str) -> str:
        try:
            return customers.normalise("phone", value) if value else ""
        except customers.BadIdentity as error:
            raise serializers.ValidationError(
                _("This does not look like a phone number.")
            ) from error


class CallerQuerySerializer(serializers.Serializer):
    phone = serializers.CharField(max_length=30)


class CallerSerializer(serializers.Serializer):
    """`customer`: null for a number that nobody we know has; `expected`: their open callback."""

    customer = serializers.IntegerField(source="customer.pk", default=None)
    name = serializers.CharField(source="customer.full_name", default="")
    expected = serializers.IntegerField(source="expected.pk", default=None)
    before = serializers.SerializerMethodField()

    def get_before(self, found: inbound.Caller) -> list[str]:
        return [one.reference for one in found.before]


class CallViewSet(viewsets.GenericViewSet):
    """Write down a call that came in; its customer is recognised by the number."""

    queryset = Callback.objects.all()
    serializer_class = InboundCallSerializer

    @extend_schema(parameters=[CallerQuerySerializer], responses=CallerSerializer)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def caller(self, request: Request) -> Response:
        """Who calls, while it rings. `/console/calls/log/?phone=` shows the same to an agent."""
        asked = CallerQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        try:
            found = inbound.caller(asked.validated_data["phone"], request.user)
        except rights.TooMany as error:
            raise Throttled from error
        return Response(CallerSerializer(found).data)

    @extend_schema(responses={201: CallbackSerializer})
    def create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        data: dict[str, Any] = dict(form.validated_data)
        own = access.agent_of(request.user)
        agent = data.pop("agent", None) or own
        if agent is None:
            raise serializers.ValidationError({"agent": [_("Who answered the call?")]})
        if own and agent != own:
            raise serializers.ValidationError({"agent": [_("Agents write down their own calls.")]})
        made = inbound.log(agent, **data)
        return Response(CallbackSerializer(made, context={"request": request}).data, status=201)


class CallRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = CallRule
        fields = (
            "id",
            "queue",
            "shown_number",
            "ring_seconds",
            "most_attempts",
            "again_minutes",
            "countries",
            "reminder_minutes",
            "hints_fr",
            "hints_en",
        )


class CallRuleViewSet(viewsets.ModelViewSet):
    """How each queue calls back."""

    queryset = CallRule.objects.all()
    serializer_class = CallRuleSerializer


routes = [("calls", CallViewSet, "call"), ("call-rules", CallRuleViewSet, "callrule")]
