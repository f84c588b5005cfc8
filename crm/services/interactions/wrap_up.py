"""The time after an exchange: it holds the place until the closing code, or until it is over."""

from datetime import datetime, timedelta

from django.db import transaction

from crm import clock, registry
from crm.models import Agent, IllegalMove, Interaction, Status

from .base import locked, nudge


def seconds(row: Interaction) -> int | None:
    """How long it may be, with what was added; None: its channel has none."""
    usual = registry.channel(row.channel).wrap_up_seconds
    if usual is None or row.queue is None:
        return usual
    own = row.queue.wrap_up_seconds
    base = usual if own is None else own
    return base + row.wrap_up_prolonged * row.queue.wrap_up_more_seconds


def ends_at(row: Interaction) -> datetime | None:
    """When it ends by itself; None while the exchange goes on."""
    limit = seconds(row)
    if row.ended_at is None or row.status == Status.CLOSED or limit is None:
        return None
    return row.ended_at + timedelta(seconds=limit)


def times_left(row: Interaction) -> int:
    """How often its agent may still ask for more time."""
    if row.queue is None or ends_at(row) is None:
        return 0
    return max(0, row.queue.wrap_up_more - row.wrap_up_prolonged)


@transaction.atomic
def prolong(interaction: Interaction, *, by: Agent, at: datetime | None = None) -> Interaction:
    """Its agent needs more time, as often as the queue allows. Raises IllegalMove."""
    at = at or clock.now()
    row = locked(interaction)
    end = ends_at(row)
    if row.agent_id != by.pk or end is None or end <= at or not times_left(row):
        raise IllegalMove("no more time to wrap up")
    row.wrap_up_prolonged += 1
    row.save(update_fields=["wrap_up_prolonged"])
    nudge(row)
    return row
