"""Callbacks and surveys under /api/v1/: for staff, and only what they may see."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers, viewsets

from crm.api.conflict import Conflict
from crm.models import Customer, Interaction, Subject
from crm.services import rights
from selfcare.models import Answer, Callback, CallbackAttempt, SurveyInvitation
from selfcare.services import callbacks


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

    def validate_phone(self, value: str) -> str:
        try:
            return callbacks.check_number(value)
        except callbacks.BadNumber as error:
            raise serializers.ValidationError(str(error)) from error

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


class CallbackViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet,
):
    """Calls promised to customers; POST promises one more."""

    serializer_class = CallbackSerializer
    queryset = Callback.objects.select_related(
        "interaction__customer", "interaction__subject"
    ).prefetch_related("attempts")
    filterset_fields = ("phone", "interaction__status")

    def get_queryset(self) -> QuerySet[Callback]:
        seen = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=seen)


class SurveyInvitationSerializer(serializers.ModelSerializer):
    class Meta:
        model = SurveyInvitation
        fields = (
            "id",
            "interaction",
            "customer",
            "agent",
            "verdict",
            "state",
            "delivery",
            "closed_at",
            "due_at",
            "sent_at",
            "answered_at",
        )


class InvitationViewSet(viewsets.ReadOnlyModelViewSet):
    """The verdict on each closed interaction: asked, or why not."""

    serializer_class = SurveyInvitationSerializer
    queryset = SurveyInvitation.objects.all()
    filterset_fields = ("verdict", "state", "interaction", "customer")

    def get_queryset(self) -> QuerySet[SurveyInvitation]:
        seen = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=seen)


class AnswerSerializer(serializers.ModelSerializer):
    interaction: "serializers.PrimaryKeyRelatedField[Interaction]" = (
        serializers.PrimaryKeyRelatedField(source="invitation.interaction", read_only=True)
    )

    class Meta:
        model = Answer
        fields = (
            "id",
            "invitation",
            "interaction",
            "score",
            "effort",
            "recommendation",
            "solved",
            "comment",
            "language",
            "via",
            "answered_at",
            "changed_at",
        )


class AnswerViewSet(viewsets.ReadOnlyModelViewSet):
    """What customers answered."""

    serializer_class = AnswerSerializer
    queryset = Answer.objects.select_related("invitation")
    filterset_fields = ("score", "via", "invitation__interaction")

    def get_queryset(self) -> QuerySet[Answer]:
        seen = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(invitation__interaction__in=seen)


routes = [
    ("callbacks", CallbackViewSet, "callback"),
    ("survey-invitations", InvitationViewSet, "surveyinvitation"),
    ("survey-answers", AnswerViewSet, "surveyanswer"),
]
