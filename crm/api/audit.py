"""The audit trail over REST: read only, for who may see it."""

from rest_framework import serializers, viewsets

from crm.models import AuditEntry, AuditValue


class ValueSerializer(serializers.ModelSerializer):
    class Meta:
        model = AuditValue
        fields = ["field", "before", "after"]


class AuditSerializer(serializers.ModelSerializer):
    values = ValueSerializer(many=True, read_only=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "actor_id", "door", "verb", "model", "object_id", "object_last", "count",
            "customer_id", "fields", "values",
        ]  # fmt: skip


class AuditViewSet(viewsets.ReadOnlyModelViewSet):
    """Who did what to which record; entries are only ever added."""

    queryset = AuditEntry.objects.prefetch_related("values")
    serializer_class = AuditSerializer
    filterset_fields = ["actor_id", "verb", "model", "object_id", "customer_id"]
