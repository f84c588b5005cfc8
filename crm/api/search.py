"""The search box over REST: messages by their words, with the passage that answers."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Message
from crm.services import search


class HitSerializer(serializers.Serializer):
    message = serializers.IntegerField()
    interaction = serializers.IntegerField()
    reference = serializers.CharField()
    channel = serializers.CharField()
    customer = serializers.IntegerField()
    author = serializers.CharField()
    kind = serializers.CharField()
    said_at = serializers.DateTimeField()
    passage = serializers.CharField(source="passage.text")


class HitsSerializer(serializers.Serializer):
    after = serializers.CharField(help_text="Cursor of the next page; empty at the end.")
    results = HitSerializer(many=True)


class SearchViewSet(viewsets.GenericViewSet):
    """What was said, in the exchanges the user may see."""

    queryset = Message.objects.none()
    serializer_class = HitsSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, in any order."),
            OpenApiParameter("sort", str, enum=["best", "new"], description="`best` by default."),
            OpenApiParameter("after", str, description="Cursor of a page."),
        ],
        responses={200: HitsSerializer},
    )
    def list(self, request: Request) -> Response:
        asked = request.query_params
        try:
            hits = search.find_messages(
                request.user,
                asked.get("q", "")[:200],
                best=asked.get("sort") != "new",
                after=asked.get("after", ""),
            )
        except search.BadCursor as error:
            raise ValidationError({"after": [_("Not a cursor of this search.")]}) from error
        return Response(HitsSerializer({"after": hits.older, "results": hits.found}).data)
