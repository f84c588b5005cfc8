"""Routing over REST: who could take the next one, what waits and why, and "what if"."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm import clock, registry
from crm.models import Interaction, Queue, Subject
from crm.services import availability, routing

_MOST_WAITING = 200
MAY_SEE = "crm.view_agentstate"


class QueueSerializer(serializers.ModelSerializer):
    class Meta:
        model = Queue
        fields = ["id", "slug", "name_fr", "name_en", "position"]


class KindSerializer(serializers.Serializer):
    """Of what kind the next one is."""

    channel = serializers.ChoiceField(choices=[], required=False)
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE[:2]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [channel.name for channel in registry.channels()]
        self.fields["channel"] = serializers.ChoiceField(choices=names, default=names[0])


class QuestionSerializer(KindSerializer):
    subject = serializers.PrimaryKeyRelatedField(queryset=Subject.objects.with_hours())
    at = serializers.DateTimeField(required=False, help_text="Now when left out.")


class PersonSerializer(serializers.Serializer):
    agent = serializers.IntegerField(source="agent.pk")
    name = serializers.CharField(source="agent.display_name")
    state = serializers.CharField(source="facts.state")
    chats = serializers.IntegerField(source="facts.places")
    places = serializers.IntegerField(source="facts.limit")
    codes = serializers.ListField(
        child=serializers.CharField(), help_text="Failing rules; empty: may take it."
    )
    words = serializers.ListField(child=serializers.CharField())


class NewcomerSerializer(serializers.Serializer):
    """What would become of whoever came now."""

    state = serializers.CharField(
        source="door.now", help_text="free, busy, full, closing, nobody or closed."
    )
    is_refused = serializers.BooleanField(help_text="Offered the other ways to reach us.")
    queue = serializers.IntegerField(source="door.queue.pk", help_text="Where they would wait.")
    low = serializers.IntegerField(
        source="wait.low", allow_null=True, default=None, help_text="Minutes they are told, least."
    )
    high = serializers.IntegerField(source="wait.high", allow_null=True, default=None)
    people = serializers.IntegerField(source="pace.people", help_text="At work in it.")
    per_hour = serializers.FloatField(
        source="pace.per_hour", help_text="Served at their pace; 0: it cannot be told."
    )
    words = serializers.CharField()


class PictureSerializer(serializers.Serializer):
    """The agents behind a queue, the one to be asked first in front."""

    at = serializers.DateTimeField()
    queue = serializers.IntegerField(source="queue.pk", allow_null=True, default=None)
    channel = serializers.CharField()
    language = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="now, ledger (past), shifts or unplanned (future)."
    )
    codes = serializers.ListField(
        source="own", child=serializers.CharField(), help_text="Why nobody is asked at all."
    )
    people = PersonSerializer(many=True)


class NextSerializer(PictureSerializer):
    newcomer = NewcomerSerializer(allow_null=True, help_text="None for written work.")


class WhatIfSerializer(serializers.Serializer):
    is_open = serializers.BooleanField()
    closes_at = serializers.DateTimeField(allow_null=True)
    next_opening = serializers.DateTimeField(allow_null=True)
    off_hours = serializers.BooleanField(
        help_text="Its own queue is closed then and another serves it."
    )
    picture = PictureSerializer()


class WaitingSerializer(serializers.Serializer):
    interaction = serializers.IntegerField(source="pk")
    reference = serializers.CharField()
    channel = serializers.CharField()
    waiting_since = serializers.DateTimeField()
    priority = serializers.IntegerField()
    codes = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()

    def get_codes(self, row: Interaction) -> dict[str, list[str]]:
        """Failing rules per agent; under "" those of the exchange itself."""
        stored = getattr(row, "unassigned", None)
        return stored.codes if stored else {}

    def get_words(self, row: Interaction) -> list[str]:
        return routing.reasons(row)


class QueueViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Queue.objects.all()
    serializer_class = QueueSerializer

    @extend_schema(parameters=[KindSerializer], responses=NextSerializer)
    @action(detail=True)
    def next(self, request: Request, pk: str | None = None) -> Response:
        """Who could take the next one now, why the others could not, and whether it is let in."""
        _only_who_may(request)
        kind, queue, at = _asked(KindSerializer, request), self.get_object(), clock.now()
        comes = availability.newcomer(queue, hours=queue.schedule, at=at, **kind)
        picture = PictureSerializer(routing.picture(queue, at=at, **kind)).data
        said = NewcomerSerializer(comes).data if comes else None
        return Response({**picture, "newcomer": said})

    @extend_schema(responses=WaitingSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def waiting(self, request: Request, pk: str | None = None) -> Response:
        """The first 200 of those who wait in it, with the reasons stored at the last attempt."""
        rows = routing.waiting(self.get_object(), request.user)[:_MOST_WAITING]
        return Response(WaitingSerializer(rows, many=True).data)

    @extend_schema(parameters=[QuestionSerializer], responses=WhatIfSerializer)
    @action(detail=False, url_path="what-if")
    def what_if(self, request: Request) -> Response:
        """Which hours, which queue and who, for a subject, a language, a channel and a moment."""
        _only_who_may(request)
        asked = _asked(QuestionSerializer, request)
        at = asked.pop("at", None) or clock.now()
        return Response(
            WhatIfSerializer(routing.what_if(asked.pop("subject"), at=at, **asked)).data
        )


def _asked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    asked = kind(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _only_who_may(request: Request) -> None:
    """What colleagues are doing is for leads and above."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [("queues", QueueViewSet, "queue")]
