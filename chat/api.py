"""Chats, sites, rules and the decisions about invitations, for the systems around the console."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat.invitations.imagined import Imagined
from chat.models import Chat, Invitation, InvitationRule, Question, QueueSettings, Site
from chat.services import identity, looks, texts
from crm.models import Interaction, Visit


class ChatSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(source="interaction.reference", read_only=True)
    status = serializers.CharField(source="interaction.status", read_only=True)

    class Meta:
        model = Chat
        fields = [
            "interaction", "reference", "status", "site", "page_url", "page_title",
            "visitor_name", "promised_agent", "order_reference", "order_amount",
        ]  # fmt: skip


class SiteSerializer(serializers.ModelSerializer):
    logo = serializers.SerializerMethodField(help_text="Its address, or empty. Set by `logo/`.")

    class Meta:
        model = Site
        fields = [
            "id", "key", "name", "origins", "is_portal", "language", "subject", "excluded_pages",
            "button_pages", "primary_color", "logo", "side", "asks_subject", "shows_unsent",
            "texts", "remind_minutes", "silent_minutes", "reopen_hours", "is_active",
        ]  # fmt: skip

    def get_logo(self, site: Site) -> str:
        return looks.logo_address(site)

    def validate_texts(self, given: object) -> dict[str, dict[str, str]]:
        """By language and name; what says the same as we do is not kept."""
        try:
            return texts.own(given)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.messages) from None


class LogoSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="PNG, JPEG, GIF or WebP, 200 KB at most.")

    def validate_file(self, file: File) -> File:
        try:
            return looks.check_logo(file)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.messages) from None


class QueueSettingsSerializer(serializers.ModelSerializer):
    class Meta:
        model = QueueSettings
        fields = ["queue", "remind_minutes", "silent_minutes"]


class InvitationRuleSerializer(serializers.ModelSerializer):
    sentence = serializers.CharField(read_only=True, help_text="What the rule does, read out.")

    class Meta:
        model = InvitationRule
        fields = [
            "id", "site", "name", "pages", "seconds", "conditions", "cooldown_days", "subject",
            "question_fr", "question_en", "position", "is_active", "sentence",
        ]  # fmt: skip


class InvitationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Invitation
        fields = [
            "id", "site", "rule", "subject", "queue", "agent", "page_url", "page_title", "seconds",
            "state", "reason", "created_at", "times", "last_at", "shown_at", "expires_at",
            "decided_at", "interaction",
        ]  # fmt: skip


class ChatViewSet(viewsets.ReadOnlyModelViewSet):
    """The widget's conversations, as far as their reader may see them."""

    queryset = Chat.objects.select_related("interaction")
    serializer_class = ChatSerializer
    filterset_fields = ["site"]

    def get_queryset(self):
        visible = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=visible)


class SecretSerializer(serializers.Serializer):
    secret = serializers.CharField(help_text="Shown now and never again.")


class SiteViewSet(viewsets.ModelViewSet):
    queryset = Site.objects.all()
    serializer_class = SiteSerializer
    filterset_fields = ["is_active", "is_portal"]

    @extend_schema(request=None, responses={201: SecretSerializer})
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str | None = None) -> Response:
        """A new secret with which the site signs who its visitor is; the one before is void."""
        site = self.get_object()
        if not request.user.has_perm("chat.change_site"):
            raise PermissionDenied
        return Response({"secret": identity.rotate(site)}, status=status.HTTP_201_CREATED)

    @extend_schema(request={"multipart/form-data": LogoSerializer}, responses=SiteSerializer)
    @action(detail=True, methods=["put"], parser_classes=[MultiPartParser])
    def logo(self, request: Request, pk: str | None = None) -> Response:
        """What stands at the head of the chat."""
        site = self.get_object()
        asked = LogoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        looks.set_logo(site, asked.validated_data["file"])
        return Response(self.get_serializer(site).data)

    @extend_schema(request=None, responses={204: None})
    @logo.mapping.delete
    def remove_logo(self, request: Request, pk: str | None = None) -> Response:
        looks.set_logo(self.get_object(), None)
        return Response(status=status.HTTP_204_NO_CONTENT)


class QuestionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Question
        fields = ["id", "settings", "asks", "own_field", "is_required", "position"]


class QuestionViewSet(viewsets.ModelViewSet):
    """What a queue asks before its chats, of whom it is not known."""

    queryset = Question.objects.all()
    serializer_class = QuestionSerializer
    filterset_fields = ["settings"]


class QueueSettingsViewSet(viewsets.ModelViewSet):
    """How long the chats of a queue bear silence; without a row, as their site."""

    queryset = QueueSettings.objects.all()
    serializer_class = QueueSettingsSerializer


class InvitationRuleViewSet(viewsets.ModelViewSet):
    queryset = InvitationRule.objects.select_related("subject")
    serializer_class = InvitationRuleSerializer
    filterset_fields = ["site", "subject", "is_active"]


class ImaginedSerializer(serializers.Serializer):
    """A visitor who is only imagined."""

    site = serializers.PrimaryKeyRelatedField(queryset=Site.objects.filter(is_active=True))
    url = serializers.CharField(max_length=500)
    at = serializers.CharField(required=False, help_text="2026-11-22T14:10, local; else now.")
    seconds = serializers.IntegerField(default=60, min_value=0, help_text="On the page.")
    device = serializers.ChoiceField(Visit.Device.choices, required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    pages = serializers.IntegerField(required=False, min_value=1)
    scroll = serializers.IntegerField(required=False, min_value=0, max_value=100)
    referrer = serializers.CharField(required=False, max_length=500)
    host_data = serializers.CharField(required=False, help_text="basket=120, level=gold")
    events = serializers.CharField(required=False, help_text="search_failed voted_down")
    consent = serializers.BooleanField(required=False)
    returning = serializers.BooleanField(required=False)
    leaving = serializers.BooleanField(required=False)
    refused = serializers.BooleanField(required=False)


class VerdictSerializer(serializers.Serializer):
    rule = serializers.IntegerField(source="rule.pk")
    name = serializers.CharField(source="rule.name")
    invites = serializers.BooleanField()
    why = serializers.ListField(
        child=serializers.CharField(), help_text="Everything that speaks against it."
    )
    agent = serializers.IntegerField(source="agent.pk", default=None, allow_null=True)


class DecidedSerializer(serializers.Serializer):
    rule = serializers.CharField()
    word = serializers.CharField(help_text="The reason it was withheld, else what became of it.")
    count = serializers.IntegerField(help_text="Visitors, ten minutes before and after.")


class ThereSerializer(serializers.Serializer):
    agent = serializers.IntegerField(source="agent.pk")
    name = serializers.CharField(source="agent.display_name")
    state = serializers.CharField()
    chats = serializers.IntegerField(help_text="Exchanges in hand.")
    places = serializers.IntegerField()
    free = serializers.BooleanField()


class BehindQueueSerializer(serializers.Serializer):
    queue = serializers.IntegerField(source="queue.pk")
    agents = ThereSerializer(many=True)


class SimulatedSerializer(serializers.Serializer):
    verdicts = VerdictSerializer(many=True)
    decided = DecidedSerializer(many=True, source="moment.decisions")
    there = BehindQueueSerializer(many=True, source="moment.there")


class InvitationViewSet(viewsets.ReadOnlyModelViewSet):
    """Every decision: shown, or withheld and why."""

    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    filterset_fields = ["site", "rule", "state", "reason", "agent"]

    @extend_schema(parameters=[ImaginedSerializer], responses=SimulatedSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def simulator(self, request: Request) -> Response:
        """This visitor, on this page, at this time: which rule invites, and why the others do not;
        and what was decided around that time."""
        imagined = Imagined(request.query_params)
        if not imagined.is_valid():
            raise serializers.ValidationError(
                {name: list(map(str, whys)) for name, whys in imagined.errors.items()}
            )
        answer = {"verdicts": imagined.verdicts(), "moment": imagined.decided()}
        return Response(SimulatedSerializer(answer).data)


routes = [
    ("chats", ChatViewSet, "chat"),
    ("sites", SiteViewSet, "site"),
    ("chat-queues", QueueSettingsViewSet, "chatqueue"),
    ("chat-questions", QuestionViewSet, "chatquestion"),
    ("invitation-rules", InvitationRuleViewSet, "invitationrule"),
    ("invitations", InvitationViewSet, "invitation"),
]
