"""The live board over REST."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Queue
from crm.services import board, supervising


class BoardLineSerializer(serializers.Serializer):
    """`soon` and `late` are targets; `people` are ready now."""

    queue = serializers.IntegerField(source="queue.pk")
    name = serializers.CharField(source="queue.name")
    waiting = serializers.IntegerField()
    longest = serializers.DateTimeField(allow_null=True, help_text="Since when the first waits.")
    active = serializers.IntegerField()
    soon = serializers.IntegerField()
    late = serializers.IntegerField()
    people = serializers.IntegerField()


class BoardPersonSerializer(serializers.Serializer):
    agent = serializers.IntegerField(source="agent.pk")
    name = serializers.CharField(source="agent.display_name")
    state = serializers.CharField()
    reason = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    used = serializers.IntegerField(help_text="Chat places in use.")
    places = serializers.IntegerField()
    interactions = serializers.SerializerMethodField()

    def get_interactions(self, one: board.Person) -> list[int]:
        return [row.pk for row in one.rows]


class BoardSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    lines = BoardLineSerializer(many=True)
    people = BoardPersonSerializer(many=True)


class BoardViewSet(viewsets.GenericViewSet):
    """Queues and agents now, of what the reader leads."""

    queryset = Queue.objects.all()

    @extend_schema(responses=BoardSerializer)
    def list(self, request: Request, **_kwargs: Any) -> Response:
        if not request.user.has_perm(supervising.MAY):
            raise PermissionDenied(_("This is for team leads."))
        return Response(BoardSerializer(board.now(request.user)).data)
