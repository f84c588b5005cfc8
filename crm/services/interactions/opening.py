"""How an exchange begins."""

from datetime import datetime

from django.db import transaction

from crm import clock, events, registry
from crm.models import Customer, Interaction, Participant, Queue, Status, Subject, Visit
from crm.services import targets
from crm.services.turns import usual_agent

from .base import nudge
from .priority import at_opening


@transaction.atomic
def open(
    channel: str,
    customer: Customer,
    *,
    subject: Subject | None = None,
    queue: Queue | None = None,
    title: str = "",
    language: str = "fr",
    origin: str = "",
    visit: Visit | None = None,
    device: str = "",
    status: str = Status.WAITING,
    wake_at: datetime | None = None,
    offered: bool = True,
    continues: Interaction | None = None,
    priority: int = 0,
    nature: str = "",
    at: datetime | None = None,
) -> Interaction:
    """Begin an exchange. Its queue is the one given, else the one its subject leads to now;
    `priority` is added to what subject, customer and nature give.

    `offered`: the customer asks for an agent right now (docs/figures.md); a future callback is
    offered when it wakes, an accepted invitation with its first line."""
    at = at or clock.now()
    line = queue or (subject.queue_at(at) if subject else None)
    interaction = Interaction.objects.create(
        channel=registry.channel(channel).name,
        customer=customer,
        subject=subject,
        queue=line,
        title=title[:200],
        language=language[:2],
        origin=origin,
        visit=visit,
        device=device,
        status=status,
        wake_at=wake_at,
        continues=continues,
        priority=at_opening(priority, subject, customer, nature),
        nature=nature,
        wanted_agent_id=usual_agent(customer, line, at),
        opened_at=at,
        waiting_since=at if status == Status.WAITING else None,
        offered_at=at if offered and status == Status.WAITING else None,
    )
    Participant.objects.create(
        interaction=interaction, role=Participant.Role.CUSTOMER, customer=customer, joined_at=at
    )
    targets.follow(interaction, at)
    events.announce(events.interaction_opened, interaction_id=interaction.pk)
    if status == Status.WAITING:
        events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    nudge(interaction)
    return interaction
