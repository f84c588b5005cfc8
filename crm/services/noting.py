"""Internal notes, and whom they name: "@Carl" tells Carl, who may then read the exchange."""

import re

from django.db import transaction

from crm import clock, events
from crm.models import Agent, Interaction, Mention, Message
from crm.services import posting

_LATELY = 500  # of the last messages, the sweep looks at the notes


def note(
    interaction: Interaction, text: str, *, agent: Agent | None, client_id: str | None = None
) -> Message:
    """For colleagues only; said twice with one key it is there once."""
    message = posting.post(
        interaction,
        author=Message.Author.AGENT,
        kind=Message.Kind.NOTE,
        text=text,
        agent=agent,
        client_id=client_id,
        to_customer=False,
    )
    tell_named(message.pk)
    return message


@transaction.atomic
def tell_named(message_id: int) -> int:
    """Whoever this note names hears of it, once. How many were told now."""
    note = Message.objects.select_related("agent").filter(
        pk=message_id, kind=Message.Kind.NOTE, deleted_at=None, text__contains="@"
    ).first()  # fmt: skip
    if note is None:
        return 0
    there = set(note.mentions.values_list("agent_id", flat=True))
    others = Agent.objects.filter(user__is_active=True).exclude(pk__in=there)
    named = [one for one in others if one != note.agent and _names(note.text, one.display_name)]
    Mention.objects.bulk_create(
        (Mention(interaction_id=note.interaction_id, message=note, agent=one) for one in named),
        ignore_conflicts=True,
    )
    by = note.agent.display_name if note.agent else ""
    for one in named:
        events.push(f"agent:{one.pk}", "mention", i=note.interaction_id, name=by)
    return len(named)


def _names(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE))


def tell_missed() -> int:
    """Notes whose process ended before it told anybody. A sweep."""
    last = Message.objects.order_by("-pk").values("pk")[:_LATELY]
    notes = Message.objects.filter(pk__in=last, kind=Message.Kind.NOTE, text__contains="@")
    return sum(tell_named(key) for key in notes.values_list("pk", flat=True))


def seen(interaction: Interaction, agent: Agent) -> None:
    """The colleague has opened what they were named in."""
    if interaction.mentions.filter(agent=agent, seen_at=None).update(seen_at=clock.now()):
        frame = {"i": interaction.pk, "status": interaction.status}
        events.push(f"agent:{agent.pk}", "interaction", **frame)
