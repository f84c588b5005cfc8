"""What came in together and is no live chat: a batch of mails, a few statements for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import events
from crm.models import Agent, Interaction, Message
from crm.services import rows, targets

from . import single, texts

Kind = Message.Kind
Author = Message.Author


@dataclass(slots=True)
class Said:
    """As the arguments of `post`. Nothing here is delivered: it came from outside, or it is for
    staff."""

    interaction: Interaction
    author: str
    text: str
    client_id: str
    at: datetime
    kind: str = Kind.TEXT
    body: dict[str, Any] = field(default_factory=dict)
    agent: Agent | None = None
    to_customer: bool = True


@transaction.atomic
def post_all(said: Sequence[Said]) -> list[Message]:
    """Store them in their order, one message each, as `post` would one by one.

    What was stored before comes back as it is (`client_id`). One bad row fails all of them: the
    caller then goes one by one."""
    held = _locked({each.interaction.pk for each in said})
    known = _known(said)
    new: list[Message] = []
    answers: list[Message] = []
    for each in said:
        row = held[each.interaction.pk]
        place = (row.pk, each.client_id)
        if place not in known:
            known[place] = _said(each, row, new)
        answers.append(known[place])
    rows.insert(new)
    rows.update(list(held.values()), single.MOVED)
    targets.follow_all([(held[key], at) for key, at in _last_words(said).items()])
    for each in said:
        single.copy(held[each.interaction.pk], each.interaction, single.MOVED)
    frames: list[events.Frame] = []
    for message in new:
        frames += single.frames(held[message.interaction_id], message)
        events.announce(
            events.message_posted, interaction_id=message.interaction_id, message_id=message.pk
        )
    events.push_all(frames)
    return answers


def _locked(keys: Iterable[int]) -> dict[int, Interaction]:
    found = Interaction.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in found}


def _last_words(said: Sequence[Said]) -> dict[int, datetime]:
    """When something was last said per interaction; notes and events are no words."""
    return {each.interaction.pk: each.at for each in said if each.kind == Kind.TEXT}


def _known(said: Sequence[Said]) -> dict[tuple[int, str], Message]:
    stored = Message.objects.select_related("agent").filter(
        interaction__in={each.interaction.pk for each in said},
        client_id__in=[each.client_id for each in said],
    )
    return {(message.interaction_id, str(message.client_id)): message for message in stored}


def _said(each: Said, row: Interaction, new: list[Message]) -> Message:
    if each.author == Author.CUSTOMER and each.kind == Kind.TEXT:
        event = single.take_turn(each.interaction, row, each.at)
        if event is not None:
            single.number(row, event, shown=True)
            new.append(event)
    message = Message(
        interaction=row,
        kind=each.kind,
        author=each.author,
        agent=each.agent,
        text=texts.clean(each.text, limit=None),
        body=each.body,
        client_id=each.client_id,
        created_at=each.at,
    )
    single.number(row, message, shown=each.to_customer and each.kind != Kind.NOTE)
    new.append(message)
    return message
