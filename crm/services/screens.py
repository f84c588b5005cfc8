"""The lists on the desks: who is told that an interaction is not what it was."""

from crm import events
from crm.models import Interaction


def nudge(interaction: Interaction) -> None:
    """The lists ask for the row again: whoever has it open, its queue's, its agent's."""
    groups = [f"i:{interaction.pk}:staff"]
    if interaction.queue_id:
        groups.append(f"queue:{interaction.queue_id}")
    if interaction.agent_id:
        groups.append(f"agent:{interaction.agent_id}")
    frame = {"t": "interaction", "i": interaction.pk, "status": interaction.status}
    events.push_all([(groups, frame)])
