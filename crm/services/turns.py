"""Whose turn it is: what a line said by the customer changes. Below posting, so that posting
may use it; everything else about an interaction's life is in `interactions`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from crm import events
from crm.models import Customer, Interaction, Queue, Status
from crm.services import blocks


def customer_wrote(interaction: Interaction, at: datetime) -> str | None:
    """Move a locked interaction when its customer writes, and save. Returns the event to post.

    The customer's turn ends (pending → active with its agent, else waiting); a closed one opens
    again and waits, for its last agent first if that was not long ago; a blocked customer's stays
    closed, with what they wrote."""
    if interaction.status == Status.PENDING:
        interaction.move_to(Status.ACTIVE if interaction.agent_id else Status.WAITING, at)
    elif interaction.status == Status.CLOSED and blocks.of(interaction.customer_id) is None:
        interaction.wanted_agent_id = last_agent(interaction, at)
        interaction.move_to(Status.WAITING, at)
        interaction.agent = None
    else:
        return None
    interaction.save()
    if interaction.status != Status.WAITING:
        events.announce(events.interaction_resumed, interaction_id=interaction.pk)
        return None
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return "reopened" if interaction.reopened else "waiting"


def last_agent(interaction: Interaction, at: datetime) -> int | None:
    """Whoever closed it, when that was within the days its queue remembers."""
    queue, closed = interaction.queue, interaction.closed_at
    if queue is None or closed is None or at - closed > timedelta(days=queue.usual_days):
        return None
    return interaction.closed_by_id


def usual_agent(customer: Customer, queue: Queue | None, at: datetime) -> int | None:
    """Who answered this customer last, when that was within the days the queue remembers."""
    return usual_agents([(customer, queue)], at)[0]


def usual_agents(asked: Sequence[tuple[Customer, Queue | None]], at: datetime) -> list[int | None]:
    """The same for many, in one question."""
    most = max((queue.usual_days for _customer, queue in asked if queue), default=0)
    if not most:
        return [None] * len(asked)
    answered = Interaction.objects.filter(
        Q(score=None) | Q(score__gt=2),  # not whoever they were unhappy with
        customer__in={customer.pk for customer, _queue in asked},
        closed_at__gte=at - timedelta(days=most),
        closed_by__isnull=False,
    )
    newest = answered.order_by("customer_id", "-closed_at").distinct("customer_id")
    last = {row[0]: row for row in newest.values_list("customer_id", "closed_at", "closed_by_id")}
    found: list[int | None] = []
    for customer, queue in asked:
        _key, closed, agent = last.get(customer.pk, (0, None, None))
        within = closed and queue and closed >= at - timedelta(days=queue.usual_days)
        found.append(agent if within else None)
    return found
