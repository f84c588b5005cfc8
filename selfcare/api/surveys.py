"""Surveys under /api/v1/: for staff, and only what they may see."""

from django.db.models import QuerySet
from rest_framework import serializers, viewsets

from crm.models import Interaction
from selfcare.models import Answer, SurveyInvitation


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
    ("survey-invitations", InvitationViewSet, "surveyinvitation"),
    ("survey-answers", AnswerViewSet, "surveyanswer"),
]
