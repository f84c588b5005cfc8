"""What callbacks and surveys hold of persons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Customer, Identity, Status
from crm.services.privacy.holds import held
from selfcare.models import Answer, AnswerChange, Callback, FollowUp, IncidentWatcher
from selfcare.services import questions

Row = dict[str, Any]


def callbacks(keys: Sequence[int]) -> list[Row]:
    rows = Callback.objects.filter(interaction__in=keys).order_by("pk")
    told = rows.values("created_at", "phone", "mail", "asked_text", "promised_at")
    return [dict(row) for row in told]


def answers(keys: Sequence[int]) -> list[Row]:
    rows = Answer.objects.filter(invitation__interaction__in=keys).order_by("pk")
    told = rows.values(
        "answered_at", "score", "effort", "recommendation", "solved", "comment", "more"
    )
    return [dict(row) for row in told]


def erase_callbacks(keys: Sequence[int]) -> None:
    """Number, address and words; promises and attempts stay to be counted."""
    Callback.objects.filter(interaction__in=keys).update(phone="", mail="", asked_text="")


def erase_watchers(customers: Sequence[Customer]) -> None:
    """Where they asked to be told that an incident is over, also before we knew them."""
    mails = Identity.objects.filter(customer__in=customers, kind=Identity.Kind.MAIL)
    IncidentWatcher.objects.filter(
        Q(customer__in=customers) | Q(mail__in=mails.values("value"))
    ).delete()


def erase_answers(keys: Sequence[int]) -> None:
    """Comments, also of earlier versions; scores stay."""
    mine = Answer.objects.filter(invitation__interaction__in=keys)
    _without_comments(mine)


def _without_comments(rows: QuerySet[Answer]) -> None:
    """What was written by hand: the comment, and the answers of other questions of text."""
    keys = list(rows.values_list("pk", flat=True))
    Answer.objects.filter(pk__in=keys).update(comment="", folded="")
    for answer in Answer.objects.filter(pk__in=keys).exclude(more={}):
        answer.more = _without_text(answer.more)
        answer.save(update_fields=["more"])
    FollowUp.objects.filter(answer__in=keys).exclude(note="").update(note="–")
    for change in AnswerChange.objects.filter(answer__in=keys):
        change.before = _without_text(change.before)
        change.save(update_fields=["before"])


def _without_text(values: Row) -> Row:
    return {key: value for key, value in values.items() if not questions.is_text(key)}


def foreign_numbers(before: datetime) -> QuerySet[Callback]:
    """Numbers that are no identity of their customer, of exchanges closed before."""
    own = Identity.objects.filter(
        customer=OuterRef("interaction__customer"),
        kind=Identity.Kind.PHONE,
        value=OuterRef("phone"),
    )
    rows = Callback.objects.exclude(phone="").filter(
        interaction__status=Status.CLOSED, interaction__closed_at__lt=before
    )
    return rows.filter(~Exists(own)).exclude(interaction__customer__in=held())


def count_numbers(before: datetime) -> int:
    return foreign_numbers(before).count()


def purge_numbers(before: datetime, limit: int) -> int:
    keys = list(foreign_numbers(before).order_by("pk").values_list("pk", flat=True)[:limit])
    return Callback.objects.filter(pk__in=keys).update(phone="")


def old_comments(before: datetime) -> QuerySet[Answer]:
    rows = Answer.objects.filter(answered_at__lt=before).filter(
        ~Q(comment="") | Q(more__has_any_keys=list(questions.MORE_TEXTS))
    )
    return rows.exclude(invitation__interaction__customer__in=held())


def count_comments(before: datetime) -> int:
    return old_comments(before).count()


def purge_comments(before: datetime, limit: int) -> int:
    keys = list(old_comments(before).order_by("pk").values_list("pk", flat=True)[:limit])
    _without_comments(Answer.objects.filter(pk__in=keys))
    return len(keys)
