"""Saved views and reports by mail under /api/v1/: each colleague's own, and the views shared with
them; and what the reports must be told."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.admin.reports_views import kept_pages
from crm.models import ReportMail, ReportSettings, ReportView
from crm.reports import mailing, saved


class ReportViewSerializer(serializers.ModelSerializer):
    """A page of figures with its question."""

    roles = serializers.SlugRelatedField(
        slug_field="name", queryset=Group.objects.all(), many=True, required=False
    )
    address = serializers.CharField(read_only=True)

    class Meta:
        model = ReportView
        fields = ["id", "name", "owner", "page", "query", "roles", "address", "created_at"]
        read_only_fields = ["owner", "created_at"]

    def validate_page(self, page: str) -> str:
        if page not in kept_pages():
            raise ValidationError(_("There is no such page of figures."))
        return page

    def validate_query(self, query: str) -> str:
        try:
            return saved.cleaned(query)
        except saved.NotSaved as error:
            raise ValidationError(_("We do not know that.")) from error

    def validate_name(self, name: str) -> str:
        known = ReportView.objects.filter(owner=self.context["request"].user, name=name).first()
        if known not in (None, self.instance):
            raise ValidationError(_("There is a view of that name."))
        return name


class ReportViewViewSet(viewsets.ModelViewSet):
    """Mine, and those shared with one of my roles; only mine are changed."""

    queryset = ReportView.objects.all()
    serializer_class = ReportViewSerializer
    filterset_fields = ["page"]

    def get_queryset(self) -> QuerySet[ReportView]:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.request.user).prefetch_related("roles")  # type: ignore[no-any-return]

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=self.request.user)

    def perform_update(self, serializer: Any) -> None:
        self._only_mine(serializer.instance)
        serializer.save()

    def perform_destroy(self, instance: ReportView) -> None:
        self._only_mine(instance)
        instance.delete()

    def _only_mine(self, view: ReportView) -> None:
        if view.owner_id != self.request.user.pk:
            raise PermissionDenied


class ReportMailSerializer(serializers.ModelSerializer):
    """`view` null: the Monday page, on Mondays."""

    class Meta:
        model = ReportMail
        fields = ["id", "view", "rhythm", "next_at"]
        read_only_fields = ["next_at"]
        validators: list[Any] = []  # asked again it changes the rhythm

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        view, user = data.get("view"), self.context["request"].user
        if view and not ReportView.objects.visible_to(user).filter(pk=view.pk).exists():
            raise ValidationError({"view": _("We do not know that.")})
        if view is None and data.get("rhythm", "weekly") != ReportMail.Rhythm.WEEKLY:
            raise ValidationError({"rhythm": _("The Monday page comes on Mondays.")})
        return data


class ReportMailViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """Which pages come to me by mail."""

    queryset = ReportMail.objects.all()
    serializer_class = ReportMailSerializer

    def get_queryset(self) -> QuerySet[ReportMail]:
        return super().get_queryset().filter(user=self.request.user)

    @extend_schema(request=ReportMailSerializer, responses={201: ReportMailSerializer})
    def create(self, request: Request) -> Response:
        """From the next fitting morning on, at 8 o'clock."""
        if not request.user.has_perm(mailing.MAY_SEE):
            raise PermissionDenied
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user: Any = request.user
        rhythm = asked.validated_data.get("rhythm", ReportMail.Rhythm.WEEKLY)
        row = mailing.subscribe(user, asked.validated_data.get("view"), rhythm)
        return Response(self.get_serializer(row).data, 201)


class ReportSettingsSerializer(serializers.ModelSerializer):
    class Meta:
        model = ReportSettings
        fields = ["hourly_cost"]


class ReportSettingsViewSet(viewsets.GenericViewSet):
    """What the figures need to know and no table tells: one for all."""

    queryset = ReportSettings.objects.all()
    serializer_class = ReportSettingsSerializer
    pagination_class = None

    @extend_schema(responses=ReportSettingsSerializer)
    def list(self, request: Request) -> Response:
        return Response(self.get_serializer(ReportSettings.read()).data)

    @extend_schema(request=ReportSettingsSerializer, responses=ReportSettingsSerializer)
    def create(self, request: Request) -> Response:
        """In place of what was set."""
        if not request.user.has_perm("crm.change_reportsettings"):
            raise PermissionDenied
        asked = self.get_serializer(ReportSettings.read(), data=request.data)
        asked.is_valid(raise_exception=True)
        asked.save()
        return Response(asked.data)


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("report-views", ReportViewViewSet, "report-view"),
    ("report-mails", ReportMailViewSet, "report-mail"),
    ("report-settings", ReportSettingsViewSet, "report-settings"),
]
