"""Files of a live conversation over REST."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm import registry
from crm.api import records
from crm.api.acting import answering_agent
from crm.models import Interaction, Message, Status
from crm.services import files


class LineFileSerializer(serializers.Serializer):
    """`file`: 10 MB at most, known by its content. Sent twice with one `client_id`, it is stored
    once."""

    file = serializers.FileField(max_length=200)
    client_id = serializers.CharField(min_length=8, max_length=64)


class SentSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="The message.")


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField(help_text="Opens the file for five minutes, without a session.")


class FileVerbs:
    @extend_schema(request=LineFileSerializer, responses={201: SentSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def files(self, request: Request, pk: str | None = None) -> Response:
        """Send a file as the signed-in agent. 409: it is closed, not theirs or not live."""
        agent = answering_agent(request)
        row: Interaction = self.get_object()  # type: ignore[attr-defined]
        live = registry.channel(row.channel).live
        if row.status == Status.CLOSED or row.agent_id != agent.pk or not live:
            raise records.Conflict({"detail": _("It is closed, or not yours.")})
        given = LineFileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            message = files.say(
                row, author=Message.Author.AGENT, agent=agent, **given.validated_data
            )
        except files.Refused as refused:
            raise ValidationError({"file": [str(refused.words)]}) from None
        return Response({"id": message.pk}, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("message", OpenApiTypes.INT, OpenApiParameter.PATH)],
        responses=LinkSerializer,
    )
    @action(detail=True, methods=["get"], url_path=r"files/(?P<message>\d{1,18})")
    def file(self, request: Request, pk: str | None = None, message: str = "") -> Response:
        """Where the file of a message is, for five minutes."""
        found = files.file_of(int(message), self.get_object().pk)  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return Response({"url": request.build_absolute_uri(files.link(found))})
