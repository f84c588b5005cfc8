"""What every verb does: lock, say it in the conversation, nudge the screens."""

from crm.models import Agent, Interaction, Message, Participant
from crm.services import capacity, posting
from crm.services.screens import nudge

__all__ = ["NotFree", "locked", "locked_with_agents", "nudge", "tell"]


class NotFree(Exception):
    """Somebody else has it, or it is closed."""


def locked(interaction: Interaction | int) -> Interaction:
    key = interaction if isinstance(interaction, int) else interaction.pk
    return Interaction.objects.select_for_update(of=("self",)).get(pk=key)


def locked_with_agents(interaction: Interaction | int, *others: Agent | None) -> Interaction:
    """Whoever has it or assists and these others locked by key, then the interaction: one order
    everywhere.

    Who has it is read before it is locked, so it is looked at again afterwards."""
    key = interaction if isinstance(interaction, int) else interaction.pk
    holder = Interaction.objects.values_list("agent_id", flat=True).get(pk=key)
    assist = Participant.objects.filter(interaction=key, role="assist", left_at=None)
    helpers = set(assist.values_list("agent_id", flat=True)) - {None}
    while True:
        named = {agent.pk for agent in others if agent} | ({holder} if holder else set())
        capacity.lock(named | helpers)
        row = locked(key)
        if row.agent_id in (None, holder):
            return row
        holder = row.agent_id  # handed on in between; rare enough to wait out of order


def tell(
    interaction: Interaction, event: str, *, to_customer: bool = False, **body: object
) -> None:
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={"event": event, **body},
        to_customer=to_customer,
    )
