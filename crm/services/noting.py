"""Internal notes, and whom they name: "@Carl" tells Carl, who may then read the exchange."""

import re

from django.db import transaction

from crm import clock, events
from crm.models import Agent, Interaction, Mention, Message
from crm.services import posting, wording

_LATELY = 20_000  # of the last messages, the sweep looks at the notes


def note(
    interaction: Interaction, text: str, *, agent: Agent | None, client_id: str | None = None
) -> Message:
    """For colleagues only; said twice with one key it is there once."""
    message = posting.post(
        interaction,
        author=Message.Author.AGENT,
        kind=Message.Kind.NOTE,
        text=wording.masked(text),
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
    there = {note.agent_id, *note.mentions.values_list("agent_id", flat=True)}
    named = [one for one in _named(note.text) if one.pk not in there]
    Mention.objects.bulk_create(
        (Mention(interaction_id=note.interaction_id, message=note, agent=one) for one in named),
        ignore_conflicts=True,
    )
    by = note.agent.display_name if note.agent else ""
    for one in named:
        events.push(f"agent:{one.pk}", "mention", i=note.interaction_id, name=by)
    return len(named)


def _named(text: str) -> list[Agent]:
    """Who works here and is named so: "@Carl Roy" is not Carl."""
    known: dict[str, list[Agent]] = {}
    for one in Agent.objects.filter(user__is_active=True).exclude(display_name=""):
        known.setdefault(one.display_name.casefold(), []).append(one)
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    found = re.findall(rf"(?<!\w)@({names})(?!\w)", text.casefold()) if known else []
    return [one for name in set(found) for one in known[name]]


def tell_missed() -> int:
    """Notes whose process ended before it told anybody. A sweep."""
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    notes = Message.objects.filter(
        pk__gt=newest - _LATELY, kind=Message.Kind.NOTE, text__contains="@", mentions=None
    )
    return sum(tell_named(key) for key in notes.values_list("pk", flat=True))


def seen(interaction: Interaction, agent: Agent) -> None:
    """The colleague has opened what they were named in."""
    if interaction.mentions.filter(agent=agent, seen_at=None).update(seen_at=clock.now()):
        frame = {"i": interaction.pk, "status": interaction.status}
        events.push(f"agent:{agent.pk}", "interaction", **frame)
