"""Through whose hands an exchange goes, over REST: what the desk's buttons do."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import clock, registry
from crm.api import records
from crm.api.acting import answering_agent
from crm.api.promising import PromisingSerializer
from crm.models import Agent, IllegalMove, Interaction, Queue, Status, Subject
from crm.services import closing_code, going_on, interactions, routing

_AGENTS = Agent.objects.filter(user__is_active=True)

_Key = serializers.PrimaryKeyRelatedField


class StateSerializer(serializers.ModelSerializer):
    """Where it stands after what was done."""

    class Meta:
        model = Interaction
        fields = ["id", "status", "agent", "queue", "wake_at", "ended_at", "closed_at", "outcome"]


class TransferSerializer(serializers.Serializer):
    """To a colleague or to a queue, one of the two."""

    to_agent: "_Key[Agent]" = _Key(queryset=_AGENTS, required=False)
    to_queue: "_Key[Queue]" = _Key(queryset=Queue.objects.all(), required=False)
    note = serializers.CharField(max_length=5000, required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("to_agent" in attrs) == ("to_queue" in attrs):
            raise ValidationError(_("Choose a queue or a colleague."))
        return attrs


class SnoozeSerializer(serializers.Serializer):
    until = serializers.DateTimeField(help_text="An answer of the customer wakes it sooner.")
    closes = serializers.BooleanField(
        default=False, help_text="Without an answer it closes then: the customer fell silent."
    )


class GoOnSerializer(serializers.Serializer):
    """`address`: for mail only when none is known; for callbacks the number. `moment`: the start
    of a free half hour; without it, as soon as possible."""

    channel = serializers.CharField(max_length=16)
    address = serializers.CharField(max_length=254, required=False, default="")
    moment = serializers.DateTimeField(required=False, default=None, allow_null=True)
    subject: "_Key[Subject]" = _Key(
        queryset=Subject.objects.filter(is_active=True), required=False, default=None
    )
    note = serializers.CharField(max_length=5000, required=False, default="")


class ColleagueSerializer(serializers.Serializer):
    agent: "_Key[Agent]" = _Key(queryset=_AGENTS)


class ClosingSerializer(PromisingSerializer):
    """`founded` is for complaints: null when it does not matter."""

    outcome = serializers.ChoiceField(
        choices=[(code.value, code.label) for code in interactions.BY_HAND]
    )
    subject: "_Key[Subject]" = _Key(
        queryset=Subject.objects.filter(is_active=True), required=False, default=None,
        allow_null=True, help_text="What it was really about.",
    )  # fmt: skip
    nature = serializers.ChoiceField(
        choices=Interaction.Nature.choices, required=False, default="", allow_blank=True
    )
    founded = serializers.BooleanField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The real subject has the service's name for it."""
        attrs["real_subject"] = attrs.pop("subject")
        return super().validate(attrs)


class ProposalSerializer(serializers.Serializer):
    """A subject, and the customer's words that speak for it."""

    subject = serializers.IntegerField(source="subject.pk")
    name = serializers.CharField(source="subject.name")
    words = serializers.ListField(child=serializers.CharField())
    sure = serializers.BooleanField(help_text="Enough to stand in for the customer's choice.")


class HandVerbs:
    """409: it is closed, somebody else's, or the rules say no; the answer says why."""

    @extend_schema(request=None, responses={200: StateSerializer, 204: None})
    @action(detail=False, methods=["post"], url_path="next")
    def next_please(self, request: Request) -> Response:
        """The first in the lines of my queues that I may take. 204: there is none."""
        agent = answering_agent(request)
        row = routing.next_please(agent)
        if row is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(StateSerializer(row).data)

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str | None = None) -> Response:
        """Help oneself to what waits."""
        return self._do(request, lambda row, agent: interactions.take(row.pk, agent))

    @extend_schema(request=TransferSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str | None = None) -> Response:
        given = _read(TransferSerializer, request)
        return self._do(request, lambda row, agent: interactions.transfer(row, by=agent, **given))

    @extend_schema(request=SnoozeSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str | None = None) -> Response:
        given = _read(SnoozeSerializer, request)
        if given["until"] <= clock.now():
            raise ValidationError({"until": [_("Choose a time to come.")]})
        return self._do(
            request, lambda row, agent: interactions.snooze(row, by=agent, **given), mine=True
        )

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, pk: str | None = None) -> Response:
        """Answered: it is the customer's turn, without an end date."""
        return self._do(
            request, lambda row, agent: interactions.wait_for_customer(row, by=agent), mine=True
        )

    @extend_schema(request=ClosingSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        given = _read(ClosingSerializer, request)
        return self._do(request, lambda row, agent: interactions.close(row, by=agent, **given))

    @extend_schema(responses=ProposalSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def closing_code(self, request: Request, pk: str | None = None) -> Response:
        """What it was really about, likeliest first."""
        row: Interaction = self.get_object()  # type: ignore[attr-defined]
        return Response(ProposalSerializer(closing_code.propose(row), many=True).data)

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Whoever opens a closed one again has it."""
        return self._do(request, interactions.take_up, closed=True)

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def prolong(self, request: Request, pk: str | None = None) -> Response:
        """More time to wrap up, as often as the queue allows."""
        return self._do(request, lambda row, agent: interactions.prolong(row, by=agent), mine=True)

    @extend_schema(request=GoOnSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def go_on(self, request: Request, pk: str | None = None) -> Response:
        """Go on in another channel: the answer is the new exchange, which `continues` this one."""
        given = _read(GoOnSerializer, request)
        return self._do(request, lambda row, agent: going_on.go_on(row, by=agent, **given))

    @extend_schema(request=ColleagueSerializer, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def join(self, request: Request, pk: str | None = None) -> Response:
        """Bring a colleague in: both write, each holds a place."""
        given = _read(ColleagueSerializer, request)
        return self._do(
            request, lambda row, agent: interactions.join(row, given["agent"], by=agent), mine=True
        )

    @extend_schema(request=None, responses=StateSerializer)
    @action(detail=True, methods=["post"])
    def part(self, request: Request, pk: str | None = None) -> Response:
        """Whoever assists leaves again; the holder goes on alone."""
        row = interactions.part(self.get_object(), answering_agent(request))  # type: ignore[attr-defined]
        return Response(StateSerializer(row).data)

    def _do(
        self,
        request: Request,
        verb: Callable[[Interaction, Agent], Interaction],
        *,
        mine: bool = False,
        closed: bool = False,
    ) -> Response:
        """Theirs or nobody's; only theirs with `mine`; anybody's `closed` one."""
        agent = answering_agent(request)
        row: Interaction = self.get_object()  # type: ignore[attr-defined]
        theirs = row.agent_id in ([agent.pk] if mine else [None, agent.pk])
        if (row.status == Status.CLOSED) != closed or not (theirs or closed):
            raise records.Conflict({"detail": _("It is closed, or not yours.")})
        try:
            done = verb(row, agent)
        except interactions.NoRoom as full:
            raise records.Conflict({"agent": routing.words(full.codes)}) from None
        except registry.CannotGoOn as refusal:
            raise records.Conflict({"detail": str(refusal)}) from None
        except interactions.CannotClose as rule:
            raise records.Conflict({"detail": str(rule.words)}) from None
        except interactions.NotFree:
            raise records.Conflict({"detail": _("It is closed, or not yours.")}) from None
        except IllegalMove:
            raise records.Conflict({"detail": _("This cannot be done with it any more.")}) from None
        done.refresh_from_db()
        return Response(StateSerializer(done).data)


def _read(shape: type[serializers.Serializer], request: Request) -> Any:
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data
