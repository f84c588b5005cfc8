"""Incidents under /api/v1/: monitoring opens them, a colleague attaches and answers."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.conflict import Conflict
from crm.models import Interaction, Subject, User
from selfcare.models import Incident, IncidentAnswer
from selfcare.services import incident_answers, incidents


class IncidentSerializer(serializers.ModelSerializer):
    subjects = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.all(), many=True
    )
    towns = serializers.ListField(child=serializers.CharField(max_length=80), required=False)

    class Meta:
        model = Incident
        fields = (
            "id",
            "title_fr",
            "title_en",
            "text_fr",
            "text_en",
            "area_fr",
            "area_en",
            "towns",
            "subjects",
            "since",
            "expected_until",
            "next_news_at",
            "ended_at",
            "updated_at",
        )
        read_only_fields = ("ended_at", "updated_at")

    def create(self, validated_data: dict[str, Any]) -> Incident:
        subjects = validated_data.pop("subjects")
        incident = Incident(**validated_data, created_by=self.context["request"].user)
        incidents.save(incident, subjects)
        return incident

    def update(self, instance: Incident, validated_data: dict[str, Any]) -> Incident:
        subjects = validated_data.pop("subjects", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        incidents.save(instance, instance.subjects.all() if subjects is None else subjects)
        return instance


class IncidentAttachSerializer(serializers.Serializer):
    interaction = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    attached = serializers.BooleanField(default=True)


class IncidentAnswerSerializer(serializers.ModelSerializer):
    """An answer to all; it begins after a minute in which it can be taken back."""

    class Meta:
        model = IncidentAnswer
        fields = (
            "id",
            "text_fr",
            "text_en",
            "closes",
            "per_minute",
            "begins_at",
            "stopped_at",
            "finished_at",
        )
        read_only_fields = ("begins_at", "stopped_at", "finished_at")
        extra_kwargs = {"per_minute": {"min_value": 1, "max_value": 600}}


class IncidentViewSet(viewsets.ModelViewSet):
    """Known incidents. They end, they are not deleted."""

    queryset = Incident.objects.prefetch_related("subjects")
    serializer_class = IncidentSerializer
    http_method_names = ["get", "post", "put", "patch", "head", "options"]

    @extend_schema(request=IncidentAttachSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def attach(self, request: Request, pk: str) -> Response:
        """Say whether an exchange is about it."""
        data = IncidentAttachSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        seen = Interaction.objects.visible_to(request.user)
        interaction = get_object_or_404(seen, pk=data.validated_data["interaction"])
        try:
            incidents.decide(
                self.get_object(),
                interaction,
                attached=data.validated_data["attached"],
                by=cast(User, request.user),
            )
        except incidents.Over:
            raise Conflict("over") from None
        return Response(status=204)

    @extend_schema(request=IncidentAnswerSerializer, responses={201: IncidentAnswerSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Answer everybody attached."""
        data = IncidentAnswerSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            made = incident_answers.begin(
                IncidentAnswer(incident=self.get_object(), **data.validated_data),
                by=cast(User, request.user),
            )
        except incident_answers.UnderWay:
            raise Conflict("another answer is on its way") from None
        return Response(IncidentAnswerSerializer(made).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Take the running answer back, or stop the rest of it."""
        running = self.get_object().answers.filter(stopped_at=None, finished_at=None).first()
        if running is not None:
            incident_answers.stop(running.pk)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """It is over; whoever asked is told."""
        incidents.end(self.get_object())
        return Response(status=204)


routes = [("incidents", IncidentViewSet, "incident")]
