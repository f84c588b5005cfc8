"""How soon a request in writing is answered: as it was lately, or nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil

from django.db.models import Count, DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from crm.models import Interaction, Status, Subject
from crm.reports.values import Percentile, Seconds

_LATELY = timedelta(days=14)
_FEW = 10  # requests: from fewer nothing is said
_KEPT_SECONDS = 600
_HOUR, _DAY = 3600, 86400


def of_subjects(subjects: Iterable[Subject], at: datetime) -> str:
    """E.g. "usually within 5 hours", as nine in ten of those that came lately were answered; ""
    where too few came."""
    queues = {subject.queue_id for subject in subjects if subject.queue_id}
    waited = _usual(tuple(sorted(queues)), int(at.timestamp()) // _KEPT_SECONDS)
    return _in_words(waited)


def _in_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if (hours := ceil(seconds / _HOUR)) <= 20:
        return ngettext("usually within an hour", "usually within %(n)d hours", hours) % {
            "n": hours
        }
    days = ceil(seconds / _DAY)
    return ngettext("usually within a day", "usually within %(n)d days", days) % {"n": days}


@lru_cache(maxsize=256)
def _usual(queues: tuple[int, ...], moment: int) -> float | None:
    """Every page of the portal asks: for ten minutes it is the same. Who still waits counts with
    the time they have waited."""
    at = datetime.fromtimestamp(moment * _KEPT_SECONDS, UTC)
    came = Interaction.objects.filter(
        Q(first_answer_at__isnull=False) | ~Q(status=Status.CLOSED),
        channel="mail",
        queue__in=queues,
        opened_at__gte=at - _LATELY,
        first_customer_at__lt=at,
    )
    answered_at = Coalesce("first_answer_at", Value(at, DateTimeField()))
    found = came.aggregate(
        number=Count("pk"), usual=Percentile(Seconds(answered_at - F("first_customer_at")), 0.9)
    )
    return found["usual"] if found["number"] >= _FEW else None
