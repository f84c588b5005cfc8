"""The kernel over REST. Reading wants the model's `view` permission and shows what the user may
see; what is written goes through the same services as in the console."""

from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import (
    audit,
    blocks,
    board,
    files,
    finding,
    hands,
    hard_moments,
    helping,
    hours,
    letters,
    list_views,
    organisations,
    privacy,
    proofs,
    pulses,
    records,
    replies,
    report_views,
    report_weeks,
    reports,
    routing,
    search,
    targets,
    together,
    tone,
    transfer,
)
from crm.api.conflict import Conflict
from crm.models import (
    Agent,
    Customer,
    Identity,
    Interaction,
    Message,
    Queue,
    Subject,
    Tag,
    Visit,
    VisitStep,
)
from crm.services import (
    access,
    answering,
    customers,
    noting,
    posting,
    regrouping,
    rights,
    verification,
    wording,
)


class IdentitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Identity
        fields = ["id", "customer", "kind", "value", "verified_at", "verified_by", "source"]


class CustomerSerializer(records.OwnSerializer):
    identities = IdentitySerializer(many=True, read_only=True)
    tags: "serializers.SlugRelatedField[Tag]" = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )

    class Meta:
        model = Customer
        fields = [
            "id", "civility", "first_name", "last_name", "language", "time_zone", "town",
            "organisation", "joined_by", "own", "tags", "created_at", "identities",
        ]  # fmt: skip
        read_only_fields = ["joined_by", "created_at"]

    def save(self, **kwargs: Any) -> Customer:
        if "organisation" in self.validated_data:
            kwargs["joined_by"] = ""  # somebody has chosen
        return super().save(**kwargs)


class SubjectSerializer(serializers.ModelSerializer):
    class Meta:
        model = Subject
        fields = ["id", "slug", "name_fr", "name_en", "parent", "queue", "position", "is_active"]


class AgentSerializer(serializers.ModelSerializer):
    queues: "serializers.PrimaryKeyRelatedField[Queue]" = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True
    )

    class Meta:
        model = Agent
        fields = ["id", "display_name", "picture", "team", "queues", "languages", "chat_places"]


class InteractionSerializer(records.OwnSerializer):
    reference = serializers.CharField(read_only=True)

    class Meta:
        model = Interaction
        fields = [
            "id", "reference", "channel", "status", "customer", "title", "language", "subject",
            "real_subject", "nature", "outcome", "queue", "agent", "closed_by", "priority",
            "origin", "continues", "opened_at", "waiting_since", "assigned_at", "first_answer_at",
            "closed_at", "reopened", "score", "rated_at", "verified_at", "verified_by", "own",
        ]  # fmt: skip


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = [
            "id", "interaction", "kind", "author", "agent", "text", "body", "client_id",
            "created_at", "edited_at", "deleted_at",
        ]  # fmt: skip


class LineSerializer(serializers.Serializer):
    """A line an agent says; `kind` note stays among colleagues."""

    text = serializers.CharField(max_length=posting.MAX_LENGTH)
    kind = serializers.ChoiceField(
        choices=[(Message.Kind.TEXT, _("text")), (Message.Kind.NOTE, _("internal note"))],
        default=Message.Kind.TEXT,
    )
    personal = serializers.BooleanField(
        default=False, help_text="For this person only: refused (409) until they are verified."
    )
    client_id = serializers.CharField(
        max_length=64, help_text="Made by the sender; the same one again stores nothing twice."
    )


class StepSerializer(serializers.ModelSerializer):
    class Meta:
        model = VisitStep
        fields = ["kind", "label", "target", "value", "at"]


class VisitSerializer(serializers.ModelSerializer):
    steps = StepSerializer(many=True, read_only=True, source="shown_steps")

    class Meta:
        model = Visit
        fields = ["id", "customer", "language", "device", "started_at", "last_at", "steps"]


class CustomerViewSet(
    records.CustomerVerbs, mixins.UpdateModelMixin, viewsets.ReadOnlyModelViewSet
):
    """The customers the user may see. One that was merged answers with the address of the record
    that has everything of it."""

    queryset = Customer.objects.prefetch_related("identities", "tags")
    serializer_class = CustomerSerializer
    filter_backends = records.OWN_FILTERS
    filterset_fields = ["organisation", "language", "identities__kind", "identities__value"]

    def get_queryset(self) -> QuerySet[Customer]:
        rows = rights.customers_for(self.request.user, super().get_queryset())
        return rows.filter(erased_at=None) if self.action == "list" else rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if now := rights.moved_to(request.user, kwargs["pk"]):
            return redirect("customer-detail", now.pk)
        return super().retrieve(request, *args, **kwargs)


class IdentityViewSet(mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet):
    """Ways to recognise customers. Taken off a record: claimed ones, and proven ones by leads."""

    queryset = Identity.objects.all()
    serializer_class = IdentitySerializer
    filterset_fields = ["customer", "kind", "value"]

    def get_queryset(self) -> QuerySet[Identity]:
        if self.action == "destroy":
            return rights.removable_identities(self.request.user)
        return rights.identities_for(self.request.user)

    def perform_destroy(self, instance: Identity) -> None:
        customers.forget_identity(instance)


class SubjectViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Subject.objects.all()
    serializer_class = SubjectSerializer
    filterset_fields = ["parent", "queue", "is_active"]


class AgentViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Agent.objects.prefetch_related("queues")
    serializer_class = AgentSerializer
    filterset_fields = ["team", "queues"]


class VisitViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Visit.objects.prefetch_related(
        Prefetch("steps", VisitStep.objects.order_by("at", "pk")[:100], to_attr="shown_steps")
    )
    serializer_class = VisitSerializer
    filterset_fields = ["customer"]

    def get_queryset(self) -> QuerySet[Visit]:
        seen = rights.visits_for(self.request.user)
        return super().get_queryset().filter(pk__in=seen.values("pk"))


class InteractionViewSet(
    proofs.ProofVerbs,
    hands.HandVerbs,
    together.SupervisingVerbs,
    files.FileVerbs,
    letters.LetterVerbs,
    replies.ReplyVerbs,
    helping.HelpVerbs,
    viewsets.ReadOnlyModelViewSet,
):
    """The exchanges the user may see. One that was merged answers with the address of the one that
    has everything of it."""

    queryset = Interaction.objects.all()
    serializer_class = InteractionSerializer
    filter_backends = records.OWN_FILTERS
    filterset_fields = [
        "channel", "status", "customer", "customer__organisation", "queue", "agent",
    ]  # fmt: skip

    def get_queryset(self) -> QuerySet[Interaction]:
        return Interaction.objects.visible_to(self.request.user)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        row = self.get_object()
        if (now := regrouping.present(row.pk)) != row.pk:
            return redirect("interaction-detail", now)
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=LineSerializer, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"])
    def messages(self, request: Request, pk: str | None = None) -> Response:
        """Say a line as the signed-in agent. Sent twice with one `client_id`, it is stored once."""
        interaction = self.get_object()
        agent = access.agent_of(request.user)
        if agent is None or not request.user.has_perm("crm.add_message"):
            raise PermissionDenied(_("Only agents write to customers."))
        line = LineSerializer(data=request.data)
        line.is_valid(raise_exception=True)
        try:
            message = _say(interaction, agent, **line.validated_data)
        except verification.NotVerified:
            raise Conflict({"personal": _("Not verified: this is not sent yet.")}) from None
        except wording.Stopped as stopped:
            raise replies.refused(stopped) from None
        except posting.BadText as error:
            raise ValidationError({"text": [str(error)]}) from error
        return Response(MessageSerializer(message).data, status=status.HTTP_201_CREATED)


def _say(
    interaction: Interaction, agent: Agent, *, text: str, kind: str, client_id: str, personal: bool
) -> Model:
    if kind == Message.Kind.TEXT:
        return answering.answer(
            interaction, agent=agent, text=text, client_id=client_id, personal=personal
        )
    return noting.note(interaction, text, agent=agent, client_id=client_id)


class MessageViewSet(viewsets.ReadOnlyModelViewSet):
    """What was said in the exchanges the user may see."""

    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    filterset_fields = ["interaction", "author", "kind"]

    def get_queryset(self) -> QuerySet[Message]:
        seen = Interaction.objects.visible_to(self.request.user)
        return Message.objects.filter(interaction__in=seen)


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("customers/find", finding.FindViewSet, "find"),
    ("customers", CustomerViewSet, "customer"),
    ("identities", IdentityViewSet, "identity"),
    ("interactions", InteractionViewSet, "interaction"),
    ("messages", MessageViewSet, "message"),
    ("imports", transfer.ImportViewSet, "import"),
    ("exports", transfer.ExportViewSet, "export"),
    ("audit", audit.AuditViewSet, "audit"),
    ("privacy", privacy.PrivacyViewSet, "privacy"),
    ("retention", privacy.RetentionViewSet, "retention"),
    ("organisations", organisations.OrganisationViewSet, "organisation"),
    *records.routes,
    *reports.routes,
    *list_views.routes,
    *report_views.routes,
    *report_weeks.routes,
    ("search", search.SearchViewSet, "search"),
    ("subjects", SubjectViewSet, "subject"),
    *routing.routes,
    ("agents", AgentViewSet, "agent"),
    ("visits", VisitViewSet, "visit"),
    *hours.routes,
    *letters.routes,
    *replies.routes,
    *tone.routes,
    *hard_moments.routes,
    *targets.routes,
    *together.routes,
    *blocks.routes,
    *pulses.routes,
    ("board", board.BoardViewSet, "board"),
]
