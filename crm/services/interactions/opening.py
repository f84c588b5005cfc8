"""How an exchange begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm import clock, events, registry
from crm.models import Customer, Interaction, Participant, Queue, Status, Subject, Visit
from crm.services import blocks, rows, targets
from crm.services.turns import usual_agent, usual_agents

from .base import nudge, tell
from .priority import IN_WRITING, at_opening

_BY_CUSTOMER = {
    Interaction.Origin.BUTTON,
    Interaction.Origin.INVITATION,
    Interaction.Origin.FORM,
}


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
    in_writing: bool = False,
    at: datetime | None = None,
) -> Interaction:
    """Begin an exchange. Its queue is the one given, else the one its subject leads to now;
    `priority` is added to what subject, customer and nature give. `in_writing`: they said that
    they cannot telephone; they go first, and whoever answers reads it. Of the exchange only, never
    of the record: it is a word about their health.

    `offered`: the customer asks for an agent right now (docs/figures.md); a future callback is
    offered when it wakes, an accepted invitation with its first line.
    Raises blocks.Blocked when a blocked customer opens it themself."""
    if origin in _BY_CUSTOMER:
        blocks.refuse(customer)
    at = at or clock.now()
    line = queue or (subject.queue_at(at) if subject else None)
    interaction = Interaction(
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
        priority=at_opening(priority + in_writing * IN_WRITING, subject, customer, nature),
        nature=nature,
        wanted_agent_id=usual_agent(customer, line, at),
        opened_at=at,
        waiting_since=at if status == Status.WAITING else None,
        offered_at=at if offered and status == Status.WAITING else None,
    )
    _store([interaction])
    if in_writing:
        tell(interaction, "in_writing")
    return interaction


@dataclass(frozen=True, slots=True)
class Request:
    """One of many that come in together (`open_many`): a customer who waits for an agent."""

    customer: Customer
    queue: Queue | None
    title: str
    language: str
    at: datetime
    subject: Subject | None = None


@transaction.atomic
def open_many(channel: str, requests: Sequence[Request], *, origin: str) -> list[Interaction]:
    """As `open`, for a batch, in the order given: a few statements."""
    if not requests:
        return []
    name = registry.channel(channel).name
    usual = usual_agents([(each.customer, each.queue) for each in requests], requests[0].at)
    return _store(
        [
            Interaction(
                channel=name,
                customer=each.customer,
                subject=each.subject,
                queue=each.queue,
                title=each.title[:200],
                language=each.language[:2],
                origin=origin,
                priority=at_opening(0, each.subject, each.customer, ""),
                wanted_agent_id=wanted,
                opened_at=each.at,
                waiting_since=each.at,
                offered_at=each.at,
            )
            for each, wanted in zip(requests, usual, strict=True)
        ]
    )


def _store(new: list[Interaction]) -> list[Interaction]:
    """Insert them with their customers in them, and tell who cares."""
    rows.insert(new)
    rows.insert(
        [
            Participant(
                interaction=interaction,
                role=Participant.Role.CUSTOMER,
                customer_id=interaction.customer_id,
                joined_at=interaction.opened_at,
            )
            for interaction in new
        ]
    )
    targets.follow_all([(interaction, interaction.opened_at) for interaction in new])
    events.announce(events.interactions_opened, interaction_ids=[row.pk for row in new])
    for interaction in new:
        nudge(interaction)
    waiting = [interaction for interaction in new if interaction.status == Status.WAITING]
    if len(new) > 1:
        events.announce(events.many_waiting)
    elif waiting:
        events.announce(events.interaction_waiting, interaction_id=waiting[0].pk)
    return new
