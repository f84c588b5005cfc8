"""What editors do for the search, under /api/v1/: synonyms, what it has learned, what was not
found."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import User
from selfcare.models import LANGUAGES, Article, Lesson, Synonyms
from selfcare.services import articles, failed_searches, lessons, versions


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


class LessonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Lesson
        fields = ("id", "translation", "words", "proof_count")


class LessonViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """Questions after which people found an article useful; a deleted one is not learned again."""

    queryset = Lesson.objects.proven()
    serializer_class = LessonSerializer
    filterset_fields = ("translation", "translation__article")

    def perform_destroy(self, instance: Lesson) -> None:
        lessons.remove(instance)


class FailedSearchSerializer(serializers.Serializer):
    """One thing that people looked for and did not find."""

    language = serializers.ChoiceField(choices=LANGUAGES)
    key = serializers.CharField(max_length=200)
    text = serializers.CharField(read_only=True, help_text="as most of them typed it")
    others = serializers.ListField(child=serializers.CharField(), read_only=True)
    visits = serializers.SerializerMethodField()
    asked = serializers.SerializerMethodField(help_text="visits that then asked for somebody")
    last_at = serializers.DateTimeField(read_only=True)

    def get_visits(self, group: failed_searches.Group) -> int:
        return len(group.visits)

    def get_asked(self, group: failed_searches.Group) -> int:
        return len(group.asked)


class BegunSerializer(serializers.Serializer):
    language = serializers.ChoiceField(choices=LANGUAGES)
    text = serializers.CharField(max_length=200)
    forms = serializers.ListField(child=serializers.CharField(max_length=200), default=list)
    article = serializers.IntegerField(source="pk", read_only=True)


class FailedSearchViewSet(viewsets.GenericViewSet):
    """The editors' worklist: the last 30 days' searches without a good answer, grouped."""

    queryset = Article.objects.none()
    serializer_class = FailedSearchSerializer
    filter_backends = ()
    pagination_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.has_perm("selfcare.change_article"):
            raise PermissionDenied

    @extend_schema(responses=FailedSearchSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(FailedSearchSerializer(failed_searches.worklist(), many=True).data)

    @extend_schema(request=FailedSearchSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def done(self, request: Request) -> Response:
        """Off the list, until somebody looks for it again."""
        group = FailedSearchSerializer(data=request.data)
        group.is_valid(raise_exception=True)
        data = group.validated_data
        failed_searches.deal_with(data["language"], data["key"], by=cast(User, request.user))
        return Response(status=204)

    @extend_schema(request=BegunSerializer, responses={201: BegunSerializer})
    @action(detail=False, methods=["post"])
    def write(self, request: Request) -> Response:
        """Begin the article that was missing, in the words of those who looked for it."""
        asked = BegunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        by = cast(User, request.user)
        made = versions.begin(data["text"], data["language"], data["forms"], by=by)
        return Response(data | {"article": made.pk}, status=201)


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("synonyms", SynonymsViewSet, "synonyms"),
    ("learned-questions", LessonViewSet, "lesson"),
    ("failed-searches", FailedSearchViewSet, "failedsearch"),
]
