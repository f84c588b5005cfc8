"""Whose turn it is: what a line said by the customer changes. Below posting, so that posting
may use it; everything else about an interaction's life is in `interactions`."""

from datetime import datetime, timedelta

from django.db.models import Q

from crm import events
from crm.models import Customer, Interaction, Queue, Status


def customer_wrote(interaction: Interaction, at: datetime) -> str | None:
    """Move a locked interaction when its customer writes, and save. Returns the event to post.

    The customer's turn ends (pending → active with its agent, else waiting); a closed one opens
    again and waits, for its last agent first if that was not long ago."""
    if interaction.status == Status.PENDING:
        interaction.move_to(Status.ACTIVE if interaction.agent_id else Status.WAITING, at)
    elif interaction.status == Status.CLOSED:
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
    if queue is None or not queue.usual_days:
        return None
    since = at - timedelta(days=queue.usual_days)
    answered = Interaction.objects.filter(
        Q(score=None) | Q(score__gt=2),  # not whoever they were unhappy with
        customer=customer,
        closed_at__gte=since,
        closed_by__isnull=False,
    )
    return answered.order_by("-closed_at").values_list("closed_by", flat=True).first()
