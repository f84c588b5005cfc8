"""The verbs of a complaint: it becomes one, goes a level up, is given to its owner. Its closing is
in `interactions`, as every closing."""

from datetime import datetime

from django.db import transaction

from crm import clock
from crm.models import Agent, Complaint, IllegalMove, Interaction, Status
from crm.services import interactions, targets
from crm.services.interactions import complaints as rules
from crm.services.interactions.base import locked, locked_with_agents, nudge, tell


@transaction.atomic
def turn_into(
    interaction: Interaction,
    *,
    by: Agent | None,
    owner: Agent | None = None,
    at: datetime | None = None,
) -> Interaction:
    """From now on a complaint of level 1, with its own times. Without an owner given, whoever has
    it owns it. Twice changes nothing. Raises IllegalMove when it is closed."""
    at = at or clock.now()
    row = locked(interaction)
    if row.status == Status.CLOSED:
        raise IllegalMove("closed")
    if rules.of(row):
        return row
    complaint = rules.begin(row, at)
    if owner:
        complaint.owner = owner
        complaint.save(update_fields=["owner"])
    row.save(update_fields=["nature"])
    targets.restart(row, at)
    tell(row, "complaint", by=str(by or ""), agent=str(complaint.owner or ""))
    nudge(row)
    return row


@transaction.atomic
def next_level(
    interaction: Interaction, *, by: Agent | None, at: datetime | None = None
) -> Interaction:
    """The customer does not accept the answer: the next level has times and an answer of its own.
    A closed one is opened again. Raises IllegalMove when it is none, or with the mediator."""
    at = at or clock.now()
    row = locked_with_agents(interaction, by)
    complaint = rules.of(row)
    if complaint is None or complaint.level >= Complaint.Level.MEDIATOR:
        raise IllegalMove("no next level")
    complaint.level += 1
    complaint.level_since, complaint.founded = at, None
    complaint.save(update_fields=["level", "level_since", "founded"])
    if row.status == Status.CLOSED:
        row = interactions.reopen(row, by=by, at=at)
    targets.restart(row, at)
    tell(row, "complaint_level", level=complaint.level, by=str(by or ""))
    nudge(row)
    return row


@transaction.atomic
def give_to(interaction: Interaction, owner: Agent, *, by: Agent | None) -> Interaction:
    """Who answers for it, whoever has the exchange in hand. Raises IllegalMove when it is none."""
    row = locked(interaction)
    complaint = rules.of(row)
    if complaint is None:
        raise IllegalMove("no complaint")
    if complaint.owner != owner:
        complaint.owner = owner
        complaint.save(update_fields=["owner"])
        tell(row, "complaint_owner", agent=owner.display_name, by=str(by or ""))
        nudge(row)
    return row
