"""Exchanges that travel as letters, over REST: what the desk does with them. 409 says why not."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from crm.api import replies
from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.models import Interaction, Message, Regrouping, Status
from crm.services import answering, files, interactions, regrouping, verification, wording


class _Addresses(serializers.ListField):
    child = serializers.EmailField(max_length=254)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=answering.MOST_COPIES, **kwargs)


class LetterSerializer(serializers.Serializer):
    """Markdown; `![](name.png)` shows a picture that is among the files. With files, the request
    is multipart/form-data."""

    text = serializers.CharField(max_length=100_000)
    client_id = serializers.CharField(
        max_length=64, help_text="Made by the sender; the same one again stores nothing twice."
    )
    cc = _Addresses(required=False, default=list)
    bcc = _Addresses(required=False, default=list)
    files = serializers.ListField(
        child=serializers.FileField(max_length=200),
        required=False,
        default=list,
        max_length=answering.MOST_FILES,
        help_text="10 MB each, 20 MB together; known by their content.",
    )
    personal = serializers.BooleanField(
        default=False, help_text="For this person only: refused (409) until they are verified."
    )


class LetterSentSerializer(serializers.Serializer):
    message = serializers.IntegerField()
    call_back_seconds = serializers.IntegerField(help_text="For so long it can be called back.")


class PreviewSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=100_000)


class PreviewedSerializer(serializers.Serializer):
    subject = serializers.CharField()
    html = serializers.CharField()


class OneMessageSerializer(serializers.Serializer):
    message = serializers.IntegerField(min_value=1, max_value=2**53)


class ForwardSerializer(serializers.Serializer):
    """To somebody outside; the customer reads nothing of it. Without `message`, all of it."""

    to = _Addresses(min_length=1)
    text = serializers.CharField(max_length=20_000, required=False, default="", allow_blank=True)
    client_id = serializers.CharField(max_length=64)
    message = serializers.IntegerField(min_value=1, max_value=2**53, required=False)
    with_files = serializers.BooleanField(default=True)


class OtherSerializer(serializers.Serializer):
    other: "serializers.PrimaryKeyRelatedField[Interaction]" = serializers.PrimaryKeyRelatedField(
        queryset=Interaction.objects.all()
    )


class SplitSerializer(OneMessageSerializer):
    onwards = serializers.BooleanField(default=False, help_text="And all that follows.")
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class RegroupingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Regrouping
        fields = ["id", "kind", "source", "target", "at", "by", "undone_at"]


class LetterVerbs:
    @extend_schema(request=LetterSerializer, responses={201: LetterSentSerializer})
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[*api_settings.DEFAULT_PARSER_CLASSES, MultiPartParser],
    )
    def answer(self, request: Request, pk: str | None = None) -> Response:
        """Answer the customer by letter, as the agent who has it."""
        agent = answering_agent(request)
        row = self._mine(request)
        given = _read(LetterSerializer, request)
        try:
            attached = answering.check_files(given.pop("files"))
            message = answering.answer(row, agent=agent, attached=attached, **given)
        except files.Refused as refused:
            raise ValidationError({"files": [str(refused.words)]}) from None
        except answering.NotByLetter:
            raise Conflict({"detail": _("This cannot be done on this channel.")}) from None
        except verification.NotVerified:
            raise Conflict({"personal": _("Not verified: this is not sent yet.")}) from None
        except wording.Stopped as stopped:
            raise replies.refused(stopped) from None
        seconds = answering.seconds_to_call_back(row)
        done = LetterSentSerializer({"message": message.pk, "call_back_seconds": seconds})
        return Response(done.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PreviewSerializer, responses=PreviewedSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str | None = None) -> Response:
        """How an answer would leave: its subject line and its HTML."""
        agent, row = answering_agent(request), self._row()
        unsaid = Message(interaction=row, author=Message.Author.AGENT, agent=agent)
        unsaid.text = _read(PreviewSerializer, request)["text"]
        subject, html = self._letters(row).preview(row, unsaid)
        return Response({"subject": subject, "html": html})

    @extend_schema(request=OneMessageSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def call_back(self, request: Request, pk: str | None = None) -> Response:
        """Undo one's own answer before it leaves."""
        try:
            answering.call_back(self._message(request), by=answering_agent(request))
        except (answering.TooLate, answering.NotByLetter):
            raise Conflict({"detail": _("It has left already.")}) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=OneMessageSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def send_again(self, request: Request, pk: str | None = None) -> Response:
        """What was given up is tried again now."""
        answering_agent(request)
        if not self._letters(self._row()).send_again(self._message(request)):
            raise Conflict(
                {"detail": _("It has not failed, or there is no address to send it to.")}
            )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ForwardSerializer, responses={201: OneMessageSerializer})
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, pk: str | None = None) -> Response:
        agent, row = answering_agent(request), self._row()
        self._letters(row)
        given = _read(ForwardSerializer, request)
        said = row.messages.filter(kind=Message.Kind.TEXT, deleted_at=None)
        if key := given.pop("message", None):
            said = said.filter(pk=key)
        chosen = list(said.prefetch_related("attachments").order_by("pk"))
        note = answering.forward(row, by=agent, messages=chosen, **given)
        return Response({"message": note.pk}, status=status.HTTP_201_CREATED)

    @extend_schema(request=OtherSerializer, responses={201: RegroupingSerializer})
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """This one into `other`, which has everything from then on."""
        other = self._other(request)
        return self._regroup(request, lambda row, agent: regrouping.merge(row, other, by=agent))

    @extend_schema(request=SplitSerializer, responses={201: RegroupingSerializer})
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str | None = None) -> Response:
        """A message becomes a request of its own: the step's `target`."""
        given, message = _read(SplitSerializer, request), self._message(request)
        return self._regroup(
            request,
            lambda row, agent: regrouping.split(
                row, message, by=agent, onwards=given["onwards"], title=given["title"]
            ),
        )

    @extend_schema(request=OtherSerializer, responses={201: RegroupingSerializer})
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str | None = None) -> Response:
        other = self._other(request)
        return self._regroup(request, lambda row, agent: regrouping.link(row, other, by=agent))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def spam(self, request: Request, pk: str | None = None) -> Response:
        """It closes as spam, and its sender is kept out."""
        agent, row = answering_agent(request), self._mine(request)
        if not self._letters(row).spam(row, agent.user):
            raise Conflict({"detail": _("Nobody wrote this by mail.")})
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- the pieces

    def _row(self) -> Interaction:
        return self.get_object()  # type: ignore[attr-defined, no-any-return]

    def _mine(self, request: Request) -> Interaction:
        row, agent = self._row(), answering_agent(request)
        if row.status == Status.CLOSED or agent not in (row.agent, *interactions.assistants(row)):
            raise Conflict({"detail": _("It is closed, or not yours.")})
        return row

    def _letters(self, row: Interaction) -> Any:
        try:
            return answering.letters(row)
        except answering.NotByLetter:
            raise Conflict({"detail": _("This cannot be done on this channel.")}) from None

    def _message(self, request: Request) -> Message:
        key = _read(OneMessageSerializer, request)["message"]
        found = self._row().messages.filter(pk=key).first()
        if found is None:
            raise ValidationError({"message": [_("This message is not here (any more).")]})
        return found

    def _other(self, request: Request) -> Interaction:
        other: Interaction = _read(OtherSerializer, request)["other"]
        if not Interaction.objects.visible_to(request.user).filter(pk=other.pk).exists():
            raise ValidationError(
                {"other": [_("There is no such exchange, or you may not see it.")]}
            )
        return other

    def _regroup(
        self, request: Request, verb: Callable[[Interaction, Any], Regrouping]
    ) -> Response:
        agent, row = answering_agent(request), self._row()
        try:
            step = verb(row, agent)
        except regrouping.Refused as refused:
            raise Conflict({"detail": str(refused.words)}) from None
        return Response(RegroupingSerializer(step).data, status=status.HTTP_201_CREATED)


class RegroupingViewSet(viewsets.ReadOnlyModelViewSet):
    """The journal of what was merged, split off and linked, both sides of which the reader may
    see."""

    queryset = Regrouping.objects.all()
    serializer_class = RegroupingSerializer
    filterset_fields = ["kind", "source", "target"]

    def get_queryset(self) -> Any:
        seen = Interaction.objects.visible_to(self.request.user)
        return Regrouping.objects.filter(source__in=seen, target__in=seen)

    @extend_schema(request=None, responses=RegroupingSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        agent, step = answering_agent(request), self.get_object()
        try:
            regrouping.undo(step, by=agent)
        except regrouping.Refused as refused:
            raise Conflict({"detail": str(refused.words)}) from None
        step.refresh_from_db()
        return Response(RegroupingSerializer(step).data)


def _read(shape: type[serializers.Serializer], request: Request) -> Any:
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("regroupings", RegroupingViewSet, "regrouping"),
]
