"""Help articles under /api/v1/: staff read them, editors write them."""

from typing import Any, cast

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Subject, User
from selfcare.models import Article, Category, Translation
from selfcare.services import article_figures, article_formats, articles, importing

from .versions import may_publish


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = (
            "id",
            "slug",
            "name_fr",
            "name_en",
            "description_fr",
            "description_en",
            "icon",
            "position",
        )

    def create(self, validated_data: dict[str, Any]) -> Category:
        return self.update(Category(), validated_data)

    def update(self, instance: Category, validated_data: dict[str, Any]) -> Category:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        articles.save_shelf(instance)
        return instance


class TranslationSerializer(serializers.ModelSerializer):
    """An article in one language. `body` is HTML: what is not allowed is taken out."""

    keywords = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=100
    )

    class Meta:
        model = Translation
        fields = (
            "id",
            "article",
            "language",
            "title",
            "slug",
            "summary",
            "body",
            "keywords",
            "updated_at",
        )
        read_only_fields = ("updated_at",)

    def create(self, validated_data: dict[str, Any]) -> Translation:
        return articles.save(Translation(**validated_data), by=self._by())

    def update(self, instance: Translation, validated_data: dict[str, Any]) -> Translation:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return articles.save(instance, by=self._by())

    def _by(self) -> User:
        user: User = self.context["request"].user
        return user


class ArticleSerializer(serializers.ModelSerializer):
    subject = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.all(), required=False, allow_null=True
    )
    translations = TranslationSerializer(many=True, read_only=True)

    class Meta:
        model = Article
        fields = (
            "id",
            "external_id",
            "category",
            "subject",
            "visibility",
            "is_published",
            "source_language",
            "owner",
            "verified_on",
            "check_days",
            "position",
            "related",
            "translations",
        )


class _Searched(viewsets.ModelViewSet):
    """What the search reads: each change has it look again."""

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        super().perform_create(serializer)
        articles.changed()

    def perform_update(self, serializer: serializers.BaseSerializer) -> None:
        super().perform_update(serializer)
        articles.changed()

    def perform_destroy(self, instance: Any) -> None:
        super().perform_destroy(instance)
        articles.changed()


class CategoryViewSet(_Searched):
    """The shelves; a former address leads to the present one."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class ArticlesFileSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="JSON Lines, CSV, or a ZIP of Markdown, by its name.")
    dry_run = serializers.BooleanField(default=False)


class ImportedSerializer(serializers.Serializer):
    made = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer):
    """The last 30 days of an article."""

    views = serializers.IntegerField()
    seconds = serializers.IntegerField(allow_null=True, help_text="of the middle reading")
    helped = serializers.IntegerField()
    not_helped = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    exits = serializers.IntegerField(help_text="readings after which the visit asked for somebody")
    searches = serializers.DictField(child=serializers.IntegerField())


class ArticleViewSet(_Searched):
    """Help articles with their texts; the texts are written at `article-versions`."""

    queryset = Article.objects.select_related("subject").prefetch_related("translations", "related")
    serializer_class = ArticleSerializer
    filterset_fields = ("external_id", "category", "is_published", "visibility", "owner")

    def perform_destroy(self, instance: Article) -> None:
        articles.remove(Article.objects.filter(pk=instance.pk))

    @extend_schema(
        request={"multipart/form-data": ArticlesFileSerializer}, responses={200: ImportedSerializer}
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def bring_in(self, request: Request) -> Response:
        """Make or update articles from a file; all or nothing."""
        may_publish(request)
        asked = ArticlesFileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]
        try:
            rows = article_formats.parse(file.name, file.read())
            if asked.validated_data["dry_run"]:
                done = importing.try_rows(rows)
            else:
                done = importing.import_rows(rows, by=cast(User, request.user))
        except importing.BadFile as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error
        return Response(ImportedSerializer(done).data)

    @extend_schema(responses={(200, "application/x-ndjson"): OpenApiTypes.STR}, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Every article in every language as JSON Lines, as the import reads it."""
        return StreamingHttpResponse(
            article_formats.as_json_lines(), content_type="application/x-ndjson"
        )

    @extend_schema(responses={200: FiguresSerializer})
    @action(detail=True, methods=["get"])
    def figures(self, request: Request, pk: str) -> Response:
        """Views, votes with reasons, exits to contact, searches that led here."""
        found = article_figures.of(self.get_object())
        data = vars(found) | {
            "reasons": [vote.reason for vote in found.reasons],
            "searches": dict(found.searches),
        }
        return Response(FiguresSerializer(data).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def checked(self, request: Request, pk: str) -> Response:
        """Somebody looked today, and it is still true."""
        articles.checked(self.get_object())
        return Response(status=204)


class TranslationViewSet(_Searched):
    """What customers read. Writing here shows it at once; `article-versions` is the way with
    drafts, review and schedule."""

    queryset = Translation.objects.all()
    serializer_class = TranslationSerializer
    filterset_fields = ("article", "language")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            may_publish(request)


routes = [
    ("article-categories", CategoryViewSet, "category"),
    ("articles", ArticleViewSet, "article"),
    ("article-texts", TranslationViewSet, "translation"),
]
