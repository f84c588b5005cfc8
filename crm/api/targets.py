"""Promises, due times and complaints over REST."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm import registry
from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import Agent, Complaint, DueTime, IllegalMove, Interaction, Recourse, Target
from crm.services import complaints


class TargetSerializer(serializers.ModelSerializer):
    class Meta:
        model = Target
        fields = [
            "id", "name", "position", "is_active", "queue", "channel", "nature", "priority",
            "first_answer", "next_answer", "solution", "latest_days", "schedule",
            "round_the_clock", "warn_percent", "notify_lead", "raise_priority", "move_to",
        ]  # fmt: skip

    def validate_channel(self, name: str) -> str:
        if name and name not in {channel.name for channel in registry.channels()}:
            raise serializers.ValidationError(_("No such channel."))
        return name


class TargetViewSet(viewsets.ModelViewSet):
    """The rules; the first in order that fits an exchange decides."""

    queryset = Target.objects.all()
    serializer_class = TargetSerializer


class RecourseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recourse
        fields = [
            "id", "brand", "second_level_fr", "second_level_en", "mediator_fr", "mediator_en",
        ]  # fmt: skip


class RecourseViewSet(viewsets.ModelViewSet):
    """What a refused complaint names, per brand."""

    queryset = Recourse.objects.all()
    serializer_class = RecourseSerializer


class DueTimeSerializer(serializers.ModelSerializer):
    class Meta:
        model = DueTime
        fields = [
            "id", "interaction", "kind", "target", "started_at", "paused_since", "warn_at",
            "due_at", "done_at",
        ]  # fmt: skip


class DueTimeViewSet(viewsets.ReadOnlyModelViewSet):
    """The clocks of the exchanges the user may see; `done_at` empty: running or standing."""

    queryset = DueTime.objects.all()
    serializer_class = DueTimeSerializer
    filterset_fields = {"interaction": ["exact"], "kind": ["exact"], "done_at": ["isnull"],
                        "due_at": ["lte", "gte"]}  # fmt: skip

    def get_queryset(self) -> QuerySet[DueTime]:
        seen = Interaction.objects.visible_to(self.request.user)
        return DueTime.objects.filter(interaction__in=seen)


class ComplaintSerializer(serializers.ModelSerializer):
    class Meta:
        model = Complaint
        fields = ["interaction", "level", "opened_at", "level_since", "owner", "founded"]


class _Turn(serializers.Serializer):
    interaction: "serializers.PrimaryKeyRelatedField[Interaction]" = (
        serializers.PrimaryKeyRelatedField(queryset=Interaction.objects.all())
    )
    owner: "serializers.PrimaryKeyRelatedField[Agent]" = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.filter(user__is_active=True), required=False
    )


class _Give(serializers.Serializer):
    owner: "serializers.PrimaryKeyRelatedField[Agent]" = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.filter(user__is_active=True)
    )


class ComplaintViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Complaint]
):
    """Complaints among the exchanges the user may see, by the number of the exchange."""

    queryset = Complaint.objects.all()
    serializer_class = ComplaintSerializer
    filterset_fields = ["level", "owner", "founded"]

    def get_queryset(self) -> QuerySet[Complaint]:
        seen = Interaction.objects.visible_to(self.request.user)
        return Complaint.objects.filter(interaction__in=seen)

    def _answer(self, row: Interaction, code: int = 200) -> Response:
        found = Complaint.objects.get(interaction=row.pk)
        return Response(ComplaintSerializer(found).data, status=code)

    @extend_schema(request=_Turn, responses={201: ComplaintSerializer})
    @action(detail=False, methods=["post"])
    def turn(self, request: Request) -> Response:
        """Turn an exchange into a complaint; one that is stays as it is."""
        return self._do(request, _Turn, lambda agent, given: complaints.turn_into(
            self._seen(given["interaction"]), by=agent, owner=given.get("owner")), 201)  # fmt: skip

    @extend_schema(request=None, responses=ComplaintSerializer)
    @action(detail=True, methods=["post"])
    def next_level(self, request: Request, pk: str | None = None) -> Response:
        """The customer does not accept the answer: level 2, then the mediator."""
        return self._do(request, None, lambda agent, _given: complaints.next_level(
            self.get_object().interaction, by=agent))  # fmt: skip

    @extend_schema(request=_Give, responses=ComplaintSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str | None = None) -> Response:
        """Another colleague answers for it from now on."""
        return self._do(request, _Give, lambda agent, given: complaints.give_to(
            self.get_object().interaction, given["owner"], by=agent))  # fmt: skip

    def _seen(self, row: Interaction) -> Interaction:
        if not Interaction.objects.visible_to(self.request.user).filter(pk=row.pk).exists():
            raise PermissionDenied
        return row

    def _do(self, request: Request, shape: Any, verb: Any, code: int = 200) -> Response:
        agent, given = answering_agent(request), {}
        if shape is not None:
            asked = shape(data=request.data)
            asked.is_valid(raise_exception=True)
            given = asked.validated_data
        try:
            return self._answer(verb(agent, given), code)
        except IllegalMove as error:
            raise Conflict(_("This cannot be done with it any more.")) from error


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("targets", TargetViewSet, "target"),
    ("recourses", RecourseViewSet, "recourse"),
    ("due-times", DueTimeViewSet, "duetime"),
    ("complaints", ComplaintViewSet, "complaint"),
]
