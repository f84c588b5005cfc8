"""Whose turn it is: what a line said by the customer changes. Below posting, so that posting
may use it; everything else about an interaction's life is in `interactions`."""

from datetime import datetime

from crm import events
from crm.models import Interaction, Status


def customer_wrote(interaction: Interaction, at: datetime) -> str | None:
    """Move a locked interaction when its customer writes, and save. Returns the event to post.

    The customer's turn ends (pending → active with its agent, else waiting); a closed one opens
    again and waits, its last agent remembered in `closed_by`."""
    if interaction.status == Status.PENDING:
        interaction.move_to(Status.ACTIVE if interaction.agent_id else Status.WAITING, at)
    elif interaction.status == Status.CLOSED:
        interaction.move_to(Status.WAITING, at)
        interaction.agent = None
    else:
        return None
    interaction.save()
    if interaction.status != Status.WAITING:
        return None
    events.announce(events.interaction_waiting, interaction_id=interaction.pk)
    return "reopened" if interaction.reopened else "waiting"
