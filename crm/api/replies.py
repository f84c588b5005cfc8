"""Canned replies and macros over REST."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import IllegalMove, Interaction, Macro, ReplyTemplate, Status
from crm.services import answering, interactions, macros, templates, wording


def refused(stopped: wording.Stopped) -> Conflict:
    """What does not leave, in words."""
    return Conflict({"text": stopped.rule.advice(get_language() or "fr")})


class Cleaned(serializers.ModelSerializer):
    """The model's own rules, also for half a change."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        whole: Any = self.Meta.model()  # type: ignore[attr-defined, misc]
        for field in whole._meta.concrete_fields:
            known = getattr(self.instance, field.name, None) if self.instance else None
            given = attrs.get(field.name, known)
            if given is not None:
                setattr(whole, field.name, given)
        try:
            whole.clean()
            whole.validate_constraints()
        except Invalid as wrong:
            raise ValidationError(serializers.as_serializer_error(wrong)) from None
        return {name: getattr(whole, name) for name in attrs}


class ReplyTemplateSerializer(Cleaned):
    used = serializers.IntegerField(read_only=True, default=0, help_text="In the last 90 days.")
    edited = serializers.IntegerField(
        read_only=True, default=0, help_text="Of these, how often not sent as it is written."
    )

    class Meta:
        model = ReplyTemplate
        fields = [
            "id", "name", "shortcut", "queue", "text_fr", "text_en", "is_active", "valid_from",
            "valid_until", "used", "edited",
        ]  # fmt: skip


class ReplyTemplateViewSet(viewsets.ModelViewSet):
    queryset = ReplyTemplate.objects.all()
    serializer_class = ReplyTemplateSerializer
    filterset_fields = ["queue", "is_active"]

    def get_queryset(self) -> QuerySet[ReplyTemplate]:
        return templates.with_uses(ReplyTemplate.objects.all())


class MacroSerializer(Cleaned):
    class Meta:
        model = Macro
        fields = [
            "id", "name", "queue", "is_active", "reply", "note", "subject", "nature", "then",
            "to_queue", "snooze_hours", "outcome",
        ]  # fmt: skip


class MacroViewSet(viewsets.ModelViewSet):
    """Several steps at once; `then` says what becomes of the exchange."""

    queryset = Macro.objects.all()
    serializer_class = MacroSerializer
    filterset_fields = ["queue", "is_active"]


class FilledReplySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    shortcut = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class DoMacroSerializer(serializers.Serializer):
    macro: "serializers.PrimaryKeyRelatedField[Macro]" = serializers.PrimaryKeyRelatedField(
        queryset=Macro.objects.all()
    )
    client_id = serializers.CharField(max_length=50, help_text="Its words are said once per key.")


class UseSerializer(serializers.Serializer):
    template: "serializers.PrimaryKeyRelatedField[ReplyTemplate]" = (
        serializers.PrimaryKeyRelatedField(queryset=ReplyTemplate.objects.all())
    )
    client_id = serializers.CharField(max_length=64)
    edited = serializers.BooleanField(help_text="It was changed before it left.")


class PromiseSerializer(serializers.Serializer):
    client_id = serializers.CharField(max_length=64, help_text="Said once per key.")


class ReplyVerbs:
    @extend_schema(responses=FilledReplySerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def replies(self, request: Request, pk: str | None = None) -> Response:
        """What may be answered today, in the customer's language, filled in."""
        agent, row = answering_agent(request), self._row()
        said = templates.choices(row, agent)
        return Response(FilledReplySerializer(said, many=True).data)

    @extend_schema(request=UseSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str | None = None) -> Response:
        """A reply has left: counts how often it is used, and changed before."""
        answering_agent(request)
        given = UseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        templates.use(interaction=self._row(), **given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=DoMacroSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def macro(self, request: Request, pk: str | None = None) -> Response:
        """Do every step, or none. 409: it is not yours, or a step says no."""
        agent, row = answering_agent(request), self._row()
        given = DoMacroSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        chosen: Macro = given.validated_data["macro"]
        if not macros.offered(row).filter(pk=chosen.pk).exists():
            raise ValidationError({"macro": [_("This macro is not offered here.")]})
        try:
            macros.do(chosen, row, by=agent, client_id=given.validated_data["client_id"])
        except interactions.CannotClose as rule:
            raise Conflict({"detail": str(rule.words)}) from None
        except wording.Stopped as stopped:
            raise refused(stopped) from None
        except (IllegalMove, interactions.NotFree):
            raise Conflict({"detail": _("This cannot be done with it any more.")}) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=PromiseSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def moment(self, request: Request, pk: str | None = None) -> Response:
        """ "One moment, I am checking": promises an answer within two minutes."""
        agent, row = answering_agent(request), self._row()
        given = PromiseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if row.status == Status.CLOSED or row.agent_id != agent.pk:
            raise Conflict({"detail": _("It is closed, or not yours.")})
        answering.promise(row, agent=agent, **given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _row(self) -> Interaction:
        return self.get_object()  # type: ignore[attr-defined, no-any-return]


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("reply-templates", ReplyTemplateViewSet, "replytemplate"),
    ("macros", MacroViewSet, "macro"),
]
