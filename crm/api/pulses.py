"""The agent pulse over REST: one's own, said; a group's, read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import ExchangePulse, Interaction, WeekPulse
from crm.services import agent_pulse


class ExchangePulseSerializer(serializers.ModelSerializer):
    class Meta:
        model = ExchangePulse
        fields = ["interaction", "explicit", "cordial"]
        validators: list[Any] = []  # the last word counts


class WeekPulseSerializer(serializers.ModelSerializer):
    class Meta:
        model = WeekPulse
        fields = ["load"]


class PulseViewSet(viewsets.GenericViewSet):
    """What agents say of their work. There is no list: nobody reads one person's."""

    queryset = ExchangePulse.objects.none()
    serializer_class = ExchangePulseSerializer

    @extend_schema(request=ExchangePulseSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def exchange(self, request: Request) -> Response:
        """After one that was asked about: the answer to closing it says so (409 otherwise)."""
        agent = answering_agent(request)
        given = ExchangePulseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row: Interaction = given.validated_data.pop("interaction")
        said = {"explicit": None, "cordial": None} | given.validated_data
        try:
            agent_pulse.tap(row, agent, **said)
        except agent_pulse.NotAsked:
            raise Conflict({"detail": _("Nobody asks about this one.")}) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=WeekPulseSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def week(self, request: Request) -> Response:
        agent = answering_agent(request)
        given = WeekPulseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        agent_pulse.say_week(agent, given.validated_data["load"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={200: dict})
    @action(detail=False, methods=["get"])
    def shares(self, request: Request) -> Response:
        """Of everybody, for who reads reports; null where fewer than five people answered."""
        if not request.user.has_perm("crm.view_reports"):
            raise PermissionDenied
        found = agent_pulse.shares(ExchangePulse.objects.all(), WeekPulse.objects.all())
        return Response({name: {"yes": one.yes, "of": one.of} for name, one in found.items()})


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [("pulses", PulseViewSet, "pulse")]
