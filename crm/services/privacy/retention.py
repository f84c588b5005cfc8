"""How long things are kept, by purpose. Until somebody has confirmed the rules nothing goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from crm import clock, registry
from crm.models import RetentionRule
from crm.registry import Retention

LIMIT = 500  # rows of one purpose and one run; the next run goes on


@dataclass(frozen=True)
class Due:
    """One purpose: its rule, and how much would go now."""

    retention: Retention
    rule: RetentionRule
    count: int | None = None


def rules() -> list[Due]:
    """Every registered purpose with its rule; a new one has its default, unconfirmed."""
    known = {rule.purpose: rule for rule in RetentionRule.objects.all()}
    found = []
    for retention in registry.retentions():
        rule = known.get(retention.name) or RetentionRule(
            purpose=retention.name, days=retention.days
        )
        found.append(Due(retention, rule))
    return found


def days(purpose: str) -> int:
    """How long it is kept."""
    return next(due.rule.days for due in rules() if due.retention.name == purpose)


def preview(at: datetime | None = None) -> list[Due]:
    """What would go now, changing nothing."""
    at = at or clock.now()
    return [
        Due(due.retention, due.rule, due.retention.count(at - timedelta(days=due.rule.days)))
        for due in rules()
    ]


@transaction.atomic
def confirm(days: dict[str, int]) -> None:
    """These are the rules of the house from now on."""
    at = clock.now()
    for due in rules():
        RetentionRule.objects.update_or_create(
            purpose=due.retention.name,
            defaults={"days": days.get(due.retention.name, due.rule.days), "confirmed_at": at},
        )


def is_confirmed() -> bool:
    """Every purpose, also one that came with an update."""
    purposes = {retention.name for retention in registry.retentions()}
    said = RetentionRule.objects.exclude(confirmed_at=None).values_list("purpose", flat=True)
    return purposes <= set(said)


def purge_due() -> int:
    """Let go what is past its time, a batch per purpose; rules nobody confirmed do nothing."""
    gone = 0
    for due in rules():
        if due.rule.confirmed_at is not None:
            gone += _purge(due.retention.purge, due.rule)
    return gone


def _purge(purge: Callable[[datetime, int], int], rule: RetentionRule) -> int:
    with transaction.atomic():
        mine = RetentionRule.objects.select_for_update(skip_locked=True).filter(pk=rule.pk).first()
        if mine is None:
            return 0  # another worker is at it
        at = clock.now()
        count = purge(at - timedelta(days=mine.days), LIMIT)
        mine.last_run_at, mine.last_count = at, count
        mine.save(update_fields=["last_run_at", "last_count"])
    return count
