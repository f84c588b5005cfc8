"""The search's synonyms under /api/v1/, and what was not found."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers, viewsets

from selfcare.models import Synonyms
from selfcare.services import articles


class SynonymsSerializer(serializers.ModelSerializer):
    words = serializers.ListField(
        child=serializers.CharField(max_length=80), min_length=2, max_length=20
    )

    class Meta:
        model = Synonyms
        fields = ("id", "language", "words", "changed_at")
        read_only_fields = ("changed_at",)


class SynonymsViewSet(viewsets.ModelViewSet):
    """Words that mean the same to the search."""

    queryset: QuerySet[Synonyms] = Synonyms.objects.all()
    serializer_class = SynonymsSerializer
    filterset_fields = ("language",)

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        serializer.save()
        articles.changed()

    def perform_update(self, serializer: serializers.BaseSerializer) -> None:
        serializer.save()
        articles.changed()

    def perform_destroy(self, instance: Any) -> None:
        instance.delete()
        articles.changed()


routes = [("synonyms", SynonymsViewSet, "synonyms")]
