"""Mail requests, mails and mailboxes, for the systems around the console."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.models import Interaction
from crm.services import access, answering
from tickets.models import (
    Hook,
    ImapAccount,
    Mail,
    Mailbox,
    MailRule,
    SenderRule,
    SigningKey,
    Ticket,
)
from tickets.models.hook import WITH_KEY
from tickets.services import mailbox_tests, signing


class TicketSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(source="interaction.reference", read_only=True)
    status = serializers.CharField(source="interaction.status", read_only=True)
    title = serializers.CharField(source="interaction.title", read_only=True)
    customer = serializers.IntegerField(source="interaction.customer_id", read_only=True)

    class Meta:
        model = Ticket
        fields = ["interaction", "reference", "status", "title", "customer", "mailbox"]


class ReplySerializer(serializers.Serializer):
    text = serializers.CharField(max_length=100_000)
    client_id = serializers.CharField(
        max_length=64, help_text="Made by the caller: a repeated request is stored once."
    )


class PostedSerializer(serializers.Serializer):
    message = serializers.IntegerField()


class MailSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mail
        fields = [
            "id", "direction", "state", "interaction", "message", "mailbox", "header_id",
            "in_reply_to", "from_email", "from_name", "to", "cc", "bcc", "subject", "text",
            "verdict", "why", "attempts", "sent_at", "delivered_at", "maybe_twice", "error",
            "created_at",
        ]  # fmt: skip


class MailboxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mailbox
        fields = [
            "id", "address", "name", "from_name", "from_address", "queue", "language",
            "signature_fr", "signature_en", "takes_lists", "per_minute", "is_active",
        ]  # fmt: skip


class ImapAccountSerializer(serializers.ModelSerializer):
    class Meta:
        model = ImapAccount
        fields = [
            "id", "mailbox", "host", "port", "security", "username", "sign", "password", "tenant",
            "client_id", "client_secret", "refresh_token", "folder", "after", "move_to",
            "takes_old", "is_active", "checked_at", "error",
        ]  # fmt: skip
        read_only_fields = ["checked_at", "error"]
        extra_kwargs = {
            name: {"write_only": True} for name in ("password", "client_secret", "refresh_token")
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {name: getattr(self.instance, name, "") for name in ("after", "move_to")} | attrs
        if given["after"] == ImapAccount.After.MOVE and not given["move_to"]:
            raise serializers.ValidationError({"move_to": _("Say to which folder.")})
        return attrs


class HookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Hook
        fields = ["id", "mailbox", "provider", "key", "is_active", "posted_at"]
        read_only_fields = ["posted_at"]
        extra_kwargs = {"key": {"write_only": True}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {name: getattr(self.instance, name, "") for name in ("provider", "key")} | attrs
        if given["provider"] in WITH_KEY and not given["key"]:
            raise serializers.ValidationError({"key": _("This provider needs one.")})
        return attrs


class MailRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = MailRule
        fields = [
            "id", "mailbox", "position", "where", "words", "subject", "queue", "is_quiet",
            "sets_aside",
        ]  # fmt: skip


class SenderRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = SenderRule
        fields = ["id", "pattern", "action", "note", "created_at"]
        read_only_fields = ["created_at"]


class SigningKeySerializer(serializers.ModelSerializer):
    class Meta:
        model = SigningKey
        fields = ["id", "domain", "selector", "is_active", "record_name", "record_value"]
        read_only_fields = ["record_name", "record_value"]


class TestLineSerializer(serializers.Serializer):
    works = serializers.BooleanField()
    said = serializers.CharField()


class MayAnswer(BasePermission):
    """Works here, and may say something to customers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return access.may_work(user, getattr(request, "session", None)) and user.has_perm(
            "crm.add_message"
        )


class TicketViewSet(viewsets.ReadOnlyModelViewSet):
    """Mail requests, as far as their reader may see them; answered through `reply`."""

    queryset = Ticket.objects.select_related("interaction")
    serializer_class = TicketSerializer
    filterset_fields = ["mailbox"]

    def get_queryset(self) -> Any:
        visible = Interaction.objects.visible_to(self.request.user)
        return super().get_queryset().filter(interaction__in=visible)

    @extend_schema(request=ReplySerializer, responses={201: PostedSerializer})
    @action(detail=True, methods=["post"], permission_classes=[MayAnswer])
    def reply(self, request: Request, pk: str) -> Response:
        """Answer the customer, as the agent who is signed in."""
        ticket = self.get_object()
        agent = access.agent_of(request.user)
        if agent is None:
            raise PermissionDenied("Only an agent answers customers.")
        given = ReplySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        message = answering.answer(ticket.interaction, agent=agent, **given.validated_data)
        return Response({"message": message.pk}, status=status.HTTP_201_CREATED)


class MailViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Mail.objects.all()
    serializer_class = MailSerializer
    filterset_fields = ["direction", "state", "interaction", "mailbox"]

    def get_queryset(self) -> Any:
        return Mail.objects.visible_to(self.request.user)


class MailboxViewSet(viewsets.ModelViewSet):
    queryset = Mailbox.objects.select_related("imap", "hook")
    serializer_class = MailboxSerializer
    filterset_fields = ["is_active", "queue"]

    @extend_schema(request=None, responses=TestLineSerializer(many=True))
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Try the way its mail comes, step by step; changes nothing there."""
        lines = mailbox_tests.test(self.get_object())
        return Response(TestLineSerializer(lines, many=True).data)


class ImapAccountViewSet(viewsets.ModelViewSet):
    """Where mailboxes' mail is fetched from. Secrets are written, never read."""

    queryset = ImapAccount.objects.all()
    serializer_class = ImapAccountSerializer
    filterset_fields = ["mailbox", "is_active"]


class HookViewSet(viewsets.ModelViewSet):
    """Providers that post mailboxes' mail."""

    queryset = Hook.objects.select_related("mailbox")
    serializer_class = HookSerializer
    filterset_fields = ["mailbox", "is_active"]


class MailRuleViewSet(viewsets.ModelViewSet):
    queryset = MailRule.objects.all()
    serializer_class = MailRuleSerializer
    filterset_fields = ["mailbox"]


class SenderRuleViewSet(viewsets.ModelViewSet):
    queryset = SenderRule.objects.all()
    serializer_class = SenderRuleSerializer
    filterset_fields = ["action"]


class SigningKeyViewSet(viewsets.ModelViewSet):
    """DKIM keys of the domains we send from: the half that is published, never the other."""

    queryset = SigningKey.objects.all()
    serializer_class = SigningKeySerializer

    @extend_schema(request=None, responses=TestLineSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Ask the DNS for its record."""
        return Response(TestLineSerializer(signing.check(self.get_object())).data)


routes = [
    ("tickets", TicketViewSet, "ticket"),
    ("mails", MailViewSet, "mail"),
    ("mailboxes", MailboxViewSet, "mailbox"),
    ("imap-accounts", ImapAccountViewSet, "imapaccount"),
    ("mail-hooks", HookViewSet, "mailhook"),
    ("mail-rules", MailRuleViewSet, "mailrule"),
    ("sender-rules", SenderRuleViewSet, "senderrule"),
    ("signing-keys", SigningKeyViewSet, "signingkey"),
]
