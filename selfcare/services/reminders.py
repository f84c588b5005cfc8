"""The reminder before a promised call."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from crm import clock
from crm.models import Interaction, Status
from selfcare.models import Callback
from selfcare.services import call_rules, promises

_AT_ONCE = 200


def remind(at: datetime | None = None) -> int:
    """Remind those whose slot comes soon, once per promise. A sweep.

    Whoever asked shortly before still knows."""
    at = at or clock.now()
    soon = Callback.objects.filter(
        interaction__status=Status.PENDING,
        slot_start__gt=at,
        slot_start__lte=at + timedelta(hours=24),
        reminded_promise__lt=F("promise_number"),
    ).select_related("interaction__queue")
    count = 0
    for callback in soon.order_by("slot_start")[:_AT_ONCE]:
        before = timedelta(minutes=call_rules.of(callback.interaction.queue).reminder_minutes)
        if callback.slot_start and before and callback.slot_start - before <= at:
            count += _remind_one(callback.pk, before)
    return count


@transaction.atomic
def _remind_one(key: int, before: timedelta) -> int:
    interaction = (
        Interaction.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=key, status=Status.PENDING)
        .first()
    )
    if interaction is None:
        return 0
    callback = Callback.objects.get(pk=key)
    if callback.reminded_promise >= callback.promise_number or callback.slot_start is None:
        return 0
    callback.reminded_promise = callback.promise_number
    callback.save(update_fields=["reminded_promise"])
    callback.interaction = interaction
    fresh = callback.promise_number == 1 and callback.slot_start - callback.created_at < 2 * before
    return 0 if fresh else int(promises.tell(callback, "reminder"))
