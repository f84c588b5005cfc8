"""Import and export over REST."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.conflict import Conflict
from crm.models import Export, Import, OwnField
from crm.reports.period import BadQuestion
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


class AskSerializer(serializers.Serializer):
    about = serializers.ChoiceField(**_ABOUT)
    days = serializers.IntegerField(
        default=90, min_value=1, max_value=3660, help_text="Of exchanges: opened in these days."
    )
    query = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=1000,
        help_text="Of exchanges, in place of the days: those behind a figure, as the addresses of "
        "reports say it, for example measure=abandoned&days=7&channel=chat.",
    )
    form = serializers.ChoiceField(
        Export.Form.choices,
        default=Export.Form.CSV.value,
        help_text="CSV or a workbook; PDF of a page of figures; of the help articles jsonl, csv, "
        "zip or md.",
    )
    page = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=40,
        help_text="Of a PDF: the page, for example reports, report_monday or report_satisfaction; "
        "`query` is then what its address asks, for example days=28&channel=chat. Of the help "
        "articles: editors.",
    )


class ExportSerializer(serializers.ModelSerializer):
    has_file = serializers.BooleanField(source="file", read_only=True)

    class Meta:
        model = Export
        fields = [
            "id", "about", "form", "page", "title", "days", "query", "state", "error", "total",
            "handled", "has_file", "created_at", "done_at",
        ]  # fmt: skip
        read_only_fields = fields


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


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Tables of all customers, organisations or exchanges the user may see, with own fields. Ask
    for one, read how far it is, then take the file; only who asked can."""

    queryset = Export.objects.all()
    serializer_class = ExportSerializer
    filterset_fields = ["state"]

    def get_queryset(self) -> QuerySet[Export]:
        return super().get_queryset().filter(by=self.request.user)

    @extend_schema(request=AskSerializer, responses={202: ExportSerializer})
    def create(self, request: Request) -> Response:
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            job = transfer.ask(by=request.user, **asked.validated_data)
        except BadQuestion as error:
            raise ValidationError({"query": _("We do not know that.")}) from error
        except transfer.TooMany as error:
            raise Conflict(_("Your earlier exports are still being written.")) from error
        return Response(ExportSerializer(job).data, status.HTTP_202_ACCEPTED)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, _WORKBOOK): OpenApiTypes.BINARY}
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> FileResponse:
        """404 while it is being written, and again when its time is over."""
        job = self.get_object()
        if not job.file:
            raise NotFound
        return FileResponse(job.file.open(), as_attachment=True, filename=job.filename)


def _csv(lines: Iterable[list[Any]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(transfer.csv_rows(lines), content_type="text/csv; charset=utf-8")
