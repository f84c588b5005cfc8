"""A customer who says nothing more: asked once, then the chat closes by rule.

Both are undone by writing again: a reminder counts only while nothing was said after it, and a
chat that silence closed opens with its next line, for the same agent if there is a place."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from chat.models import Chat
from crm import clock
from crm.models import Interaction, Message, Status
from crm.services import interactions, posting

_AT_ONCE = 200  # a sweep's share; the next one takes the rest


def sweep(at: datetime | None = None) -> int:
    """Ask who has been silent for too long, then close. Any number of processes may run it."""
    at = at or clock.now()
    asked = [remind(key, at) for key in _due(at).values_list("pk", flat=True)[:_AT_ONCE]]
    closed = [close(key, at) for key in _over(at).values_list("pk", flat=True)[:_AT_ONCE]]
    return sum(asked) + sum(closed)


def _silent(at: datetime) -> QuerySet[Any]:
    """Chats in which it is the customer's turn, with `since` and the minutes that count here."""
    theirs = Q(interaction__last_agent_at__gt=F("interaction__last_customer_at")) | Q(
        interaction__last_customer_at=None
    )
    waits = Q(interaction__status=Status.PENDING, interaction__wake_at=None)  # its place is free
    running = (Q(interaction__status=Status.ACTIVE) | waits) & Q(interaction__ended_at=None)
    own = "interaction__queue__chat_settings__"
    return Chat.objects.filter(theirs & running).annotate(
        since=Coalesce("interaction__last_agent_at", "interaction__assigned_at"),
        patience=_minutes(Coalesce(f"{own}remind_minutes", "site__remind_minutes")),
        grace=_minutes(Coalesce(f"{own}silent_minutes", "site__silent_minutes")),
        now=Value(at, output_field=DateTimeField()),
    )


def _minutes(number: Coalesce) -> ExpressionWrapper:
    minute = Value(timedelta(minutes=1), output_field=DurationField())
    number.output_field = IntegerField()
    return ExpressionWrapper(number * minute, output_field=DurationField())


def _due(at: datetime) -> QuerySet[Any]:
    unasked = Q(reminded_at=None) | Q(reminded_at__lt=F("since"))
    due = _silent(at).filter(unasked, patience__gt=timedelta(0))
    return due.filter(since__lte=F("now") - F("patience")).order_by("pk")


def _over(at: datetime) -> QuerySet[Any]:
    asked = _silent(at).filter(reminded_at__gte=F("since"), grace__gt=timedelta(0))
    return asked.filter(reminded_at__lte=F("now") - F("grace")).order_by("pk")


@transaction.atomic
def remind(key: int, at: datetime) -> bool:
    """Ask whether they are still there; claimed, so that two processes ask once."""
    interaction = _locked(key)
    if not _due(at).filter(pk=key).exists():
        return False
    Chat.objects.filter(pk=key).update(reminded_at=at)
    with translation.override(interaction.language):
        posting.post(
            interaction,
            author=Message.Author.SYSTEM,
            kind=Message.Kind.EVENT,
            text=_("Are you still there? Write a word and we go on."),
            body={"event": "reminded"},
            at=at,
        )
    return True


@transaction.atomic
def close(key: int, at: datetime) -> bool:
    """Nothing came after the reminder: the place goes to somebody who waits."""
    interaction = _locked(key)
    if not _over(at).filter(pk=key).exists():
        return False
    interactions.close(interaction, outcome=Interaction.Outcome.SILENT, at=at)
    return True


def _locked(key: int) -> Interaction:
    """A line that is being stored right now holds this lock: it is seen, then."""
    return Interaction.objects.select_for_update(of=("self",)).get(pk=key)
