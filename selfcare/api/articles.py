"""Help articles under /api/v1/: staff read them, editors write them."""

from typing import Any

from rest_framework import serializers, viewsets

from crm.models import Subject
from selfcare.models import Article, Category, Translation
from selfcare.services import articles


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
        return articles.save(Translation(**validated_data))

    def update(self, instance: Translation, validated_data: dict[str, Any]) -> Translation:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return articles.save(instance)


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
            "verified_on",
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
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class ArticleViewSet(_Searched):
    """Help articles with their texts; the texts are written at `article-texts`."""

    queryset = Article.objects.select_related("subject").prefetch_related("translations", "related")
    serializer_class = ArticleSerializer
    filterset_fields = ("external_id", "category", "is_published", "visibility")


class TranslationViewSet(_Searched):
    queryset = Translation.objects.all()
    serializer_class = TranslationSerializer
    filterset_fields = ("article", "language")


routes = [
    ("article-categories", CategoryViewSet, "category"),
    ("articles", ArticleViewSet, "article"),
    ("article-texts", TranslationViewSet, "translation"),
]
