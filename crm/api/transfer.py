"""Import and export over REST."""

from collections.abc import Iterable
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.conflict import Conflict
from crm.models import Customer, Import, OwnField
from crm.services import transfer


class ImportSerializer(serializers.ModelSerializer):
    class Meta:
        model = Import
        fields = [
            "id", "name", "about", "columns", "mapping", "state", "dry", "error", "total",
            "handled", "created", "changed", "same", "failed", "created_at", "done_at",
        ]  # fmt: skip
        read_only_fields = fields


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ABOUT: dict[str, Any] = {
    "choices": OwnField.About.choices,
    "default": OwnField.About.CUSTOMER.value,
    "help_text": "What the rows are.",
}


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="CSV or XLSX with a row of headings.")
    about = serializers.ChoiceField(**_ABOUT)


class ExportSerializer(serializers.Serializer):
    about = serializers.ChoiceField(**_ABOUT)
    days = serializers.IntegerField(
        default=90, min_value=1, max_value=3660, help_text="Of exchanges: opened in these days."
    )
    form = serializers.ChoiceField(["csv", "xlsx"], default="csv", help_text="CSV or a workbook.")


class StartSerializer(serializers.Serializer):
    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="Heading → field."
    )
    dry = serializers.BooleanField(default=True, help_text="True changes nothing.")


def _only_with(request: Request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Upload a file, start a dry run, then the import; read how far it is."""

    queryset = Import.objects.all()
    serializer_class = ImportSerializer
    parser_classes = (MultiPartParser, *viewsets.GenericViewSet.parser_classes)
    filterset_fields = ["state"]

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses=ImportSerializer)
    def create(self, request: Request) -> Response:
        _only_with(request, "crm.import_customers")
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            job = transfer.upload(by=request.user, **asked.validated_data)
        except transfer.BadFile as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(ImportSerializer(job).data, status.HTTP_201_CREATED)

    @extend_schema(request=StartSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str | None = None) -> Response:
        _only_with(request, "crm.import_customers")
        job = self.get_object()
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            job = transfer.start(job, **asked.validated_data)
        except transfer.NotNow as error:
            raise Conflict(_("It is running, or no column can be a key.")) from error
        return Response(ImportSerializer(job).data)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def refused(self, request: Request, pk: str | None = None) -> StreamingHttpResponse:
        """The refused rows with their reasons."""
        _only_with(request, "crm.import_customers")
        job = self.get_object()
        return _csv(transfer.refused_rows(job))


class ExportViewSet(viewsets.GenericViewSet):
    """All customers, organisations or exchanges the user may see, with own fields, as a table."""

    queryset = Customer.objects.none()
    serializer_class = serializers.Serializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        request=ExportSerializer,
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, _WORKBOOK): OpenApiTypes.BINARY,
        },
        operation_id="export",
    )
    def create(self, request: Request) -> StreamingHttpResponse:
        _only_with(request, "crm.export_customers")
        asked = ExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        about, form = asked.validated_data["about"], asked.validated_data["form"]
        lines = transfer.export(about, request.user, asked.validated_data["days"])
        if form == "csv":
            return _csv(lines)
        return FileResponse(transfer.xlsx_file(lines), content_type=_WORKBOOK)


def _csv(lines: Iterable[list[Any]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(transfer.csv_rows(lines), content_type="text/csv; charset=utf-8")
