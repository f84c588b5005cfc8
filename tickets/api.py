"""Mail requests, mails and mailboxes, for the systems around the console."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.models import Interaction, Message
from crm.services import access, posting
from tickets.models import Mail, Mailbox, Ticket


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
            "in_reply_to", "from_email", "from_name", "to", "cc", "subject", "text", "verdict",
            "why", "attempts", "sent_at", "maybe_twice", "error", "created_at",
        ]  # fmt: skip


class MailboxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mailbox
        fields = [
            "id", "address", "name", "from_name", "queue", "language", "signature_fr",
            "signature_en", "takes_lists", "is_active",
        ]  # fmt: skip


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
        message = posting.post(
            ticket.interaction, author=Message.Author.AGENT, agent=agent, **given.validated_data
        )
        return Response({"message": message.pk}, status=status.HTTP_201_CREATED)


class MailViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Mail.objects.all()
    serializer_class = MailSerializer
    filterset_fields = ["direction", "state", "interaction", "mailbox"]

    def get_queryset(self) -> Any:
        return Mail.objects.visible_to(self.request.user)


class MailboxViewSet(viewsets.ModelViewSet):
    queryset = Mailbox.objects.all()
    serializer_class = MailboxSerializer
    filterset_fields = ["is_active", "queue"]


routes = [
    ("tickets", TicketViewSet, "ticket"),
    ("mails", MailViewSet, "mail"),
    ("mailboxes", MailboxViewSet, "mailbox"),
]
