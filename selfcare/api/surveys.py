"""Surveys under /api/v1/: their rules, their questions, and what follows from low scores."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.admin.fields import channels, languages
from crm.api.conflict import Conflict
from crm.models import Interaction, Queue, Subject, User
from selfcare.models import Answer, FollowUp, Survey, SurveyInvitation, SurveyVersion
from selfcare.services import designs, follow_ups, questions


def _one_of(names: Any) -> Any:
    """Each name of the list is known; asked when it is needed, as channels register late."""

    def check(value: list[str]) -> None:
        if unknown := set(value) - {name for name, _label in names()}:
            raise serializers.ValidationError(f"unknown: {', '.join(sorted(unknown))}")

    return check


class SurveySerializer(serializers.ModelSerializer):
    """An empty list fits everything."""

    queues = serializers.SlugRelatedField(
        slug_field="slug", queryset=Queue.objects.all(), many=True, required=False
    )
    subjects = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.all(), many=True, required=False
    )
    channels = serializers.ListField(
        child=serializers.CharField(), required=False, validators=[_one_of(channels)]
    )
    outcomes = serializers.ListField(
        child=serializers.ChoiceField(Interaction.Outcome.choices), required=False
    )
    languages = serializers.ListField(
        child=serializers.CharField(), required=False, validators=[_one_of(languages)]
    )
    delays = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=10080), required=False
    )

    class Meta:
        model = Survey
        fields = (
            "id", "name", "is_active", "position", "channels", "queues", "subjects", "outcomes",
            "languages", "sample_percent", "rest_days", "effort_days", "recommendation_days",
            "delays", "reminder_days", "expires_days", "change_hours", "follow_up_at",
            "follow_up_hours", "created_at",
        )  # fmt: skip
        read_only_fields = ("created_at",)


class SurveyVersionSerializer(serializers.ModelSerializer):
    class Meta:
        model = SurveyVersion
        fields = ("id", "number", "questions", "created_at")


class SurveyConditionSerializer(serializers.Serializer):
    """One of at_most, at_least, is."""

    question = serializers.CharField(max_length=40)
    at_most = serializers.IntegerField(required=False)
    at_least = serializers.IntegerField(required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        read: dict[str, Any] = super().to_internal_value(data)
        if isinstance(data.get("is"), bool | str):  # a word of the language: no attribute
            read["is"] = data["is"]
        if len(read) != 2:
            raise serializers.ValidationError("question and one of at_most, at_least, is")
        return read

    def to_representation(self, instance: Any) -> Any:
        return instance


class SurveyWordsSerializer(serializers.Serializer):
    fr = serializers.CharField(max_length=designs.LONGEST, allow_blank=True)
    en = serializers.CharField(max_length=designs.LONGEST, allow_blank=True)


class SurveyEndsSerializer(serializers.Serializer):
    fr = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)
    en = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)


class SurveyChoiceSerializer(SurveyWordsSerializer):
    key = serializers.RegexField(r"^c\d{1,4}$")


class SurveyQuestionSerializer(serializers.Serializer):
    """Scales have the keys score, effort and recommendation. `solved` and `comment` are the first
    yes/no and the first text; others are named after their kind: yes2, choice2, text2."""

    key = serializers.RegexField(
        r"^(score|effort|recommendation|solved|comment|(yes|choice|text)\d{1,3})$"
    )
    kind = serializers.ChoiceField(designs.KINDS)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]  # a question's
    text = SurveyWordsSerializer()
    ends = SurveyEndsSerializer(required=False)
    choices = SurveyChoiceSerializer(many=True, required=False)
    when = SurveyConditionSerializer(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not questions.is_key_of(data["key"], data["kind"]):
            raise serializers.ValidationError({"key": "this key is another kind's"})
        return data


class SurveyQuestionsSerializer(serializers.Serializer):
    questions = serializers.ListField(child=SurveyQuestionSerializer(), max_length=questions.MOST)

    def validate_questions(self, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({question["key"] for question in written}) < len(written):
            raise serializers.ValidationError("two questions have the same key")
        return written


class SurveyViewSet(viewsets.ModelViewSet):
    """What is asked after which exchanges. Out of use, never deleted: answers stay."""

    queryset = Survey.objects.prefetch_related("queues", "subjects")
    serializer_class = SurveySerializer
    http_method_names = ["get", "post", "put", "patch", "head", "options"]

    @extend_schema(responses=SurveyVersionSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """What was asked, the latest first."""
        return Response(SurveyVersionSerializer(self.get_object().versions.all(), many=True).data)

    @extend_schema(request=SurveyQuestionsSerializer, responses=SurveyQuestionsSerializer)
    @action(detail=True, methods=["get", "put"])
    def questions(self, request: Request, pk: str) -> Response:
        """The draft: what is being written. Customers get it when it is published."""
        survey = self.get_object()
        if request.method == "PUT":
            data = SurveyQuestionsSerializer(data=request.data)
            data.is_valid(raise_exception=True)
            designs.save(survey, data.validated_data["questions"])
        return Response({"questions": designs.draft(survey)})

    @extend_schema(request=None, responses={201: SurveyVersionSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """The draft becomes the next version; 400 says what stands in the way."""
        try:
            made = designs.publish(self.get_object())
        except designs.Faulty as faults:
            said: Any = [{"question": place, "said": words} for place, words in faults.problems]
            raise serializers.ValidationError({"problems": said}) from None
        return Response(SurveyVersionSerializer(made).data, status=201)


class SurveyInvitationSerializer(serializers.ModelSerializer):
    class Meta:
        model = SurveyInvitation
        fields = (
            "id",
            "interaction",
            "customer",
            "agent",
            "version",
            "verdict",
            "left_out",
            "state",
            "delivery",
            "closed_at",
            "due_at",
            "sent_at",
            "reminded_at",
            "answered_at",
        )


class InvitationViewSet(viewsets.ReadOnlyModelViewSet):
    """The verdict on each closed interaction: asked, or why not."""

    serializer_class = SurveyInvitationSerializer
    queryset = SurveyInvitation.objects.all()
    filterset_fields = ("verdict", "state", "interaction", "customer")

    def get_queryset(self) -> QuerySet[SurveyInvitation]:
        seen = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=seen)


class AnswerSerializer(serializers.ModelSerializer):
    interaction: "serializers.PrimaryKeyRelatedField[Interaction]" = (
        serializers.PrimaryKeyRelatedField(source="invitation.interaction", read_only=True)
    )

    class Meta:
        model = Answer
        fields = (
            "id",
            "invitation",
            "interaction",
            "score",
            "effort",
            "recommendation",
            "solved",
            "comment",
            "more",
            "tags",
            "language",
            "via",
            "answered_at",
            "changed_at",
        )


class AnswerViewSet(viewsets.ReadOnlyModelViewSet):
    """What customers answered."""

    serializer_class = AnswerSerializer
    queryset = Answer.objects.select_related("invitation")
    filterset_fields = ("score", "via", "invitation__interaction")

    def get_queryset(self) -> QuerySet[Answer]:
        return Answer.objects.select_related("invitation").visible_to(self.request.user)


class FollowUpSerializer(serializers.ModelSerializer):
    interaction: "serializers.PrimaryKeyRelatedField[Interaction]" = (
        serializers.PrimaryKeyRelatedField(source="answer.invitation.interaction", read_only=True)
    )
    score = serializers.IntegerField(source="answer.score", read_only=True)
    comment = serializers.CharField(source="answer.comment", read_only=True)

    class Meta:
        model = FollowUp
        fields = (
            "id", "answer", "interaction", "score", "comment", "created_at", "due_at", "taken_by",
            "done_by", "done_at", "note",
        )  # fmt: skip
        read_only_fields = fields


class FollowUpNoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=4000)


class FollowUpViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Low scores to be followed up: a lead's team's, all for managers. `?done_at__isnull=true`
    are the open ones. PUT takes one, or finishes it with a note."""

    queryset = FollowUp.objects.select_related("answer__invitation")
    serializer_class = FollowUpSerializer
    filterset_fields = {"done_at": ["isnull"], "due_at": ["lt", "gt"], "taken_by": ["exact"]}

    def get_queryset(self) -> QuerySet[FollowUp]:
        seen = FollowUp.objects.visible_to(self.request.user)
        return seen.select_related("answer__invitation")

    @extend_schema(request=None, responses=FollowUpSerializer)
    @action(detail=True, methods=["put"])
    def take(self, request: Request, pk: str) -> Response:
        """It is mine."""
        return self._done(follow_ups.take, self.get_object().pk, cast(User, request.user))

    @extend_schema(request=FollowUpNoteSerializer, responses=FollowUpSerializer)
    @action(detail=True, methods=["put"])
    def finish(self, request: Request, pk: str) -> Response:
        """What came of it."""
        asked = FollowUpNoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        note = asked.validated_data["note"]
        return self._done(follow_ups.finish, self.get_object().pk, cast(User, request.user), note)

    def _done(self, verb: Any, *args: Any) -> Response:
        try:
            return Response(FollowUpSerializer(verb(*args)).data)
        except follow_ups.Taken:
            raise Conflict("a colleague has it, or it is done") from None
        except follow_ups.NothingSaid:
            raise serializers.ValidationError({"note": "what came of it?"}) from None


routes = [
    ("survey-invitations", InvitationViewSet, "surveyinvitation"),
    ("survey-answers", AnswerViewSet, "surveyanswer"),
    ("surveys", SurveyViewSet, "survey"),
    ("survey-follow-ups", FollowUpViewSet, "survey-follow-up"),
]
