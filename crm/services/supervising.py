"""What a lead does in a colleague's exchange: whisper, and take it over. Both stand in the audit
trail, and the agent sees both. Looking in is `audit.saw`, and shows who is there."""

from django.db import transaction

from crm import clock, events
from crm.models import Agent, Interaction, Status, User, Whisper
from crm.services import audit, interactions, wording

MAY = "crm.supervise_interactions"
LONGEST = 1000


class NobodyHasIt(Exception):
    """There is no colleague to whisper to, or to take it from."""


@transaction.atomic
def whisper(interaction: Interaction, text: str, *, by: User) -> Whisper:
    """To the agent who has it now. Raises NobodyHasIt."""
    row = interactions.locked(interaction)
    if row.agent is None or row.status == Status.CLOSED or row.agent.user_id == by.pk:
        raise NobodyHasIt
    made = Whisper.objects.create(
        interaction=row, agent=row.agent, by=by, text=wording.masked(text)[:LONGEST]
    )
    _record(audit.Verb.WHISPERED, row, by)
    frame = {"i": row.pk, "name": by.get_short_name(), "text": made.text}
    events.push(f"agent:{row.agent_id}", "whisper", **frame)
    return made


def hear(interaction: Interaction, agent: Agent) -> None:
    """The agent has read what was whispered to them here."""
    interaction.whispers.filter(agent=agent, heard_at=None).update(heard_at=clock.now())


@transaction.atomic
def take_over(interaction: Interaction, agent: Agent) -> Interaction:
    """From whoever has it into the lead's own hands. Raises NobodyHasIt."""
    row = interactions.locked_with_agents(interaction, agent)
    if row.agent is None or row.agent == agent or row.status == Status.CLOSED:
        raise NobodyHasIt
    giver = row.agent
    _record(audit.Verb.TOOK_OVER, row, agent.user)
    taken = interactions.transfer(row, by=agent, to_agent=agent)
    frame = {"i": row.pk, "name": agent.display_name}
    events.push(f"agent:{giver.pk}", "taken", **frame)
    return taken


def _record(verb: str, row: Interaction, by: User) -> None:
    audit.record(
        verb,
        model="crm.interaction",
        object_id=row.pk,
        customer_id=row.customer_id,
        actor_id=by.pk,
    )
