"""What an agent may answer with: what the desk proposes above the field."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm import registry


class HelpSerializer(serializers.Serializer):
    title = serializers.CharField()
    url = serializers.URLField()
    summary = serializers.CharField()
    text = serializers.CharField(help_text="The whole article, as said in a chat or a letter.")


class HelpVerbs:
    """For the exchanges' view set: articles that may answer what the customer last wrote."""

    get_object: Any

    @extend_schema(responses=HelpSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def help(self, request: Request, pk: str | None = None) -> Response:
        found = registry.help_for(self.get_object())
        return Response(HelpSerializer(found, many=True).data)
