"""The texts of articles on their way under /api/v1/: drafts, review, schedule, rollback, files."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.conflict import Conflict
from crm.models import User
from selfcare.models import Article, ArticleFile, Version
from selfcare.services import files, versions


class VersionSerializer(serializers.ModelSerializer):
    """One wording. The newest published one of an article and language is what customers read."""

    keywords = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=100
    )

    class Meta:
        model = Version
        fields = (
            "id",
            "article",
            "language",
            "number",
            "state",
            "title",
            "slug",
            "summary",
            "body",
            "keywords",
            "note",
            "minor",
            "remark",
            "author",
            "revision",
            "changed_at",
            "publish_at",
            "published_at",
            "published_by",
        )
        read_only_fields = (
            "number",
            "state",
            "remark",
            "author",
            "revision",
            "changed_at",
            "publish_at",
            "published_at",
            "published_by",
        )
        # one open version is kept by the service, which says Conflict
        validators: list[Any] = []


class DraftSerializer(VersionSerializer):
    """A draft; `seen` is the revision it was made from, 0 for a new one."""

    seen = serializers.IntegerField(
        min_value=0, max_value=2_000_000_000, default=0, write_only=True
    )

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "seen")  # type: ignore[assignment]


class RemarkSerializer(serializers.Serializer):
    remark = serializers.CharField(max_length=500, allow_blank=True, default="")


class GoLiveSerializer(serializers.Serializer):
    publish_at = serializers.DateTimeField()


class VersionViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """Creating saves the draft of that article and language; deleting throws an open one away."""

    queryset = Version.objects.order_by("-pk")
    serializer_class = VersionSerializer
    filterset_fields = ("article", "language", "state")

    @extend_schema(request=DraftSerializer, responses={201: VersionSerializer})
    def create(self, request: Request) -> Response:
        data = DraftSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        article, language, seen = given.pop("article"), given.pop("language"), given.pop("seen")
        try:
            made = versions.write(article, language, given, by=_by(request), seen=seen)
        except versions.Moved:
            raise Conflict("somebody else saved this draft meanwhile") from None
        return Response(VersionSerializer(made).data, status=201)

    def perform_destroy(self, instance: Version) -> None:
        self._open(instance)
        versions.discard(instance.article, instance.language)

    @extend_schema(request=None, responses={200: VersionSerializer})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Ask for a review."""
        return self._step(versions.submit)

    @extend_schema(request=RemarkSerializer, responses={200: VersionSerializer})
    @action(detail=True, methods=["post"])
    def send_back(self, request: Request, pk: str) -> Response:
        """Not yet, and why."""
        may_publish(request)
        data = RemarkSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return self._step(versions.send_back, data.validated_data["remark"])

    @extend_schema(request=None, responses={200: VersionSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Customers read it from now on."""
        may_publish(request)
        return self._step(versions.publish, by=_by(request))

    @extend_schema(request=GoLiveSerializer, responses={200: VersionSerializer})
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: str) -> Response:
        """It appears by itself at that moment."""
        may_publish(request)
        data = GoLiveSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return self._step(versions.schedule, data.validated_data["publish_at"], by=_by(request))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Customers read this older text again, as a new version."""
        may_publish(request)
        version = self.get_object()
        if version.is_open:
            raise Conflict("it was never published")
        versions.roll_back(version, by=_by(request))
        return Response(status=204)

    def _step(self, verb: Any, *args: Any, **more: Any) -> Response:
        version = self._open(self.get_object())
        try:
            with transaction.atomic():
                verb(version.article, version.language, *args, **more)
        except versions.Moved:
            raise Conflict("it is not open any more") from None
        except versions.Incomplete:
            raise Conflict("it needs a title and a text first") from None
        except versions.TooEarly:
            raise Conflict("that moment is past") from None
        version.refresh_from_db()
        return Response(VersionSerializer(version).data)

    def _open(self, version: Version) -> Version:
        if not version.is_open:
            raise Conflict("it is published and stays as it is")
        return version


def _by(request: Request) -> User:
    return cast(User, request.user)


def may_publish(request: Request) -> None:
    """Raises PermissionDenied."""
    if not request.user.has_perm("selfcare.publish_article"):
        raise PermissionDenied


class ArticleFileSerializer(serializers.ModelSerializer):
    """A picture or document; `address` is what a text links to."""

    class Meta:
        model = ArticleFile
        fields = ("id", "article", "name", "content_type", "size", "address", "added_at")
        read_only_fields = ("name", "content_type", "size", "address", "added_at")


class ArticleUploadSerializer(serializers.Serializer):
    article = serializers.PrimaryKeyRelatedField(queryset=Article.objects.all())
    file = serializers.FileField()


class ArticleFileViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """Files of articles, up to 10 MB each, films up to 60 MB; one that is there already is not
    kept twice."""

    queryset = ArticleFile.objects.order_by("-pk")
    serializer_class = ArticleFileSerializer
    filterset_fields = ("article",)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": ArticleUploadSerializer},
        responses={201: ArticleFileSerializer},
    )
    def create(self, request: Request) -> Response:
        data = ArticleUploadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        try:
            made = files.add(given["article"], given["file"], by=_by(request))
        except files.Refused as refusal:
            raise Conflict(f"refused: {refusal}") from None
        return Response(ArticleFileSerializer(made).data, status=201)

    def perform_destroy(self, instance: ArticleFile) -> None:
        files.remove(instance)


routes = [
    ("article-versions", VersionViewSet, "version"),
    ("article-files", ArticleFileViewSet, "article-file"),
]
