"""A lead in a colleague's exchange, and who is named in notes, over REST."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.acting import answering_agent
from crm.api.conflict import Conflict
from crm.api.hands import StateSerializer
from crm.models import Interaction, Mention, Whisper
from crm.services import access, supervising


class WhisperSerializer(serializers.ModelSerializer):
    class Meta:
        model = Whisper
        fields = ["id", "interaction", "agent", "by", "text", "at", "heard_at"]
        read_only_fields = ["interaction", "agent", "by", "at", "heard_at"]


class SupervisingVerbs:
    """For team leads. 409: no colleague has it."""

    @extend_schema(request=WhisperSerializer, responses={201: WhisperSerializer})
    @action(detail=True, methods=["post"])
    def whisper(self, request: Request, pk: str | None = None) -> Response:
        """To the agent who has it, and to nobody else."""
        row = self._supervised(request)
        given = WhisperSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            made = supervising.whisper(row, given.validated_data["text"], by=request.user)  # type: ignore[arg-type]
        except supervising.NobodyHasIt:
            raise Conflict({"detail": _("No colleague has this exchange now.")}) from None
        return Response(WhisperSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def take_over(self, request: Request, pk: str | None = None) -> Response:
        """From the colleague who has it, into one's own hands."""
        row, agent = self._supervised(request), answering_agent(request)
        try:
            taken = supervising.take_over(row, agent)
        except supervising.NobodyHasIt:
            raise Conflict({"detail": _("No colleague has this exchange now.")}) from None
        return Response(StateSerializer(taken).data)

    def _supervised(self, request: Request) -> Interaction:
        if not request.user.has_perm(supervising.MAY):
            raise PermissionDenied(_("This is for team leads."))
        row: Interaction = self.get_object()  # type: ignore[attr-defined]
        return row


class MentionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mention
        fields = ["id", "interaction", "message", "seen_at"]


class MentionViewSet(viewsets.ReadOnlyModelViewSet):
    """Notes that name the signed-in agent."""

    queryset = Mention.objects.all()
    serializer_class = MentionSerializer
    filterset_fields = {"interaction": ["exact"], "seen_at": ["isnull"]}

    def get_queryset(self) -> QuerySet[Mention]:
        agent = access.agent_of(self.request.user)
        return Mention.objects.filter(agent=agent).order_by("-pk")


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("mentions", MentionViewSet, "mention"),
]
