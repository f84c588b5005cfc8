"""Saved views of the console's lists under /api/v1/."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError

from crm.admin.list_views import may_see_list
from crm.models import ListView
from crm.services import list_views


class ListViewSerializer(serializers.ModelSerializer):
    """`of` is the model of the list ("crm.customer"), `query` the filters of its address."""

    roles = serializers.SlugRelatedField(
        slug_field="name", queryset=Group.objects.all(), many=True, required=False
    )

    class Meta:
        model = ListView
        fields = ["id", "name", "owner", "of", "query", "roles"]
        read_only_fields = ["owner"]

    def validate_of(self, of: str) -> str:
        if not may_see_list(self.context["request"], of.lower()):
            raise ValidationError(_("There is no such list."))
        return of.lower()


class ListViewViewSet(viewsets.ModelViewSet):
    """Mine, and those shared with one of my roles; only mine are changed. One more of the same
    name and list takes the place of the first."""

    queryset = ListView.objects.all()
    serializer_class = ListViewSerializer
    filterset_fields = ["of"]
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[ListView]:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.request.user).prefetch_related("roles")  # type: ignore[no-any-return]

    def perform_create(self, serializer: Any) -> None:
        given, user = serializer.validated_data, self.request.user
        try:
            serializer.instance = list_views.keep(
                user,  # type: ignore[arg-type]
                given["of"], given["name"], given.get("query", ""), given.get("roles", []),
            )  # fmt: skip
        except list_views.NotKept as error:
            raise ValidationError(_("We do not know that.")) from error

    def perform_destroy(self, instance: ListView) -> None:
        if instance.owner_id != self.request.user.pk:
            raise PermissionDenied
        instance.delete()


routes = [("list-views", ListViewViewSet, "list-view")]
