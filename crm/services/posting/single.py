"""One message in the caller's transaction: everything but the lines of a live chat."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from crm import clock, events, registry
from crm.models import Agent, Interaction, Message, MessageText, Participant
from crm.services import screens, targets, turns

from . import texts
from .frames import CUSTOMER, STAFF, groups_of, serialise

Kind = Message.Kind
Author = Message.Author

# what a channel hands to the customer; events are for the screens
_DELIVERED = {Kind.TEXT, Kind.CARD}
MOVED = (
    "staff_seq",
    "customer_seq",
    "first_customer_at",
    "first_answer_at",
    "last_customer_at",
    "last_agent_at",
)


@transaction.atomic
def post(
    interaction: Interaction,
    *,
    author: str,
    text: str = "",
    kind: str = Kind.TEXT,
    body: dict[str, Any] | None = None,
    agent: Agent | None = None,
    client_id: str | None = None,
    to_customer: bool = True,
    at: datetime | None = None,
    attach: Callable[[Message], object] | None = None,
) -> Message:
    """Say one thing. Locks the interaction; stored once per `client_id` (else the stored one comes
    back and nothing happens). A customer's text ends their turn and opens what was closed.

    `attach` stores what hangs on it before anybody is handed it.
    The numbers and times it moves are set on the `interaction` given too. Rights are the door's
    business, and so is the length: a mail may be longer than a chat line."""
    at = at or clock.now()
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction.pk)
    if client_id and (known := _known(row, client_id)):
        return known
    moved = _turn(interaction, row, author, kind, at)
    message = _store(
        row,
        Message(
            interaction=row,
            kind=kind,
            author=author,
            agent=agent,
            text=texts.clean(text, limit=None),
            body=body or {},
            client_id=client_id or None,
            created_at=at,
        ),
        shown=to_customer and kind != Kind.NOTE,
    )
    if attach:
        attach(message)
    # live lines are followed a few seconds later, as those of batches are (targets.catch_up)
    if moved or (kind == Kind.TEXT and not registry.channel(row.channel).live):
        targets.follow(row, at)
    copy(row, interaction, MOVED)
    if message.customer_seq is not None and author != Author.CUSTOMER and kind in _DELIVERED:
        registry.channel(row.channel).deliver(interaction, message)
    _show(row, message)
    events.announce(events.message_posted, interaction_id=row.pk, message_id=message.pk)
    return message


def _known(row: Interaction, client_id: str) -> Message | None:
    return row.messages.select_related("agent").filter(client_id=client_id).first()


def _turn(interaction: Interaction, row: Interaction, author: str, kind: str, at: datetime) -> bool:
    """A customer's own words may move the interaction; the event line comes before them."""
    if author != Author.CUSTOMER or kind != Kind.TEXT:
        return False
    before = row.status
    said = take_turn(interaction, row, at)
    if said is not None:
        _show(row, _store(row, said, shown=True))
    return row.status != before


def take_turn(interaction: Interaction, row: Interaction, at: datetime) -> Message | None:
    """The customer wrote: the locked `row` goes where that moves it, the `interaction` given and
    the lists on the desks follow. Returns the event line to store, if there is one."""
    before = row.status
    event = turns.customer_wrote(row, at)
    if row.status == before:
        return None
    copy(row, interaction, tuple(field.attname for field in row._meta.concrete_fields))
    screens.nudge(row)
    if not event:
        return None
    return Message(
        interaction=row,
        kind=Kind.EVENT,
        author=Author.SYSTEM,
        body={"event": event},
        created_at=at,
    )


def _store(row: Interaction, message: Message, *, shown: bool) -> Message:
    """Give the next numbers under the lock, move the interaction's, insert."""
    number(row, message, shown=shown)
    row.save(update_fields=list(MOVED))
    message.save(force_insert=True)
    return message


def number(row: Interaction, message: Message, *, shown: bool) -> None:
    """The next numbers of a locked interaction, and its times; nothing is saved."""
    row.staff_seq += 1
    message.staff_seq = row.staff_seq
    if shown:
        row.customer_seq += 1
        message.customer_seq = row.customer_seq
    if message.kind == Kind.TEXT:
        _move_times(row, message)


def _move_times(row: Interaction, message: Message) -> None:
    at = message.created_at
    if message.author == Author.CUSTOMER:
        row.first_customer_at = row.first_customer_at or at
        row.last_customer_at = max(row.last_customer_at or at, at)
    elif message.author == Author.AGENT and message.customer_seq is not None:
        row.last_agent_at = max(row.last_agent_at or at, at)
        if row.first_customer_at:
            row.first_answer_at = row.first_answer_at or at


def copy(row: Interaction, interaction: Interaction, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(interaction, name, getattr(row, name))


def _show(row: Interaction, message: Message) -> None:
    events.push_all(frames(row, message))


def frames(row: Interaction, message: Message) -> list[events.Frame]:
    """What the screens of both audiences get of a new or changed message."""
    made: list[events.Frame] = [(groups_of(row.pk, row.agent_id, STAFF), serialise(message, STAFF))]
    if message.customer_seq is not None:
        made.append((groups_of(row.pk, None, CUSTOMER), serialise(message, CUSTOMER)))
    return made


@transaction.atomic
def edit(message: Message, text: str, *, at: datetime | None = None) -> Message:
    """Say it differently. Only its own author may: the door checks."""
    text = texts.clean(text)
    return _change(message, at, lambda row, moment: _reword(row, text, moment))


@transaction.atomic
def delete(message: Message, *, at: datetime | None = None) -> Message:
    """Take it back: no screen shows its words any more; the row keeps them for the record.

    Only its own author may: the door checks."""
    return _change(message, at, _take_back)


@transaction.atomic
def redraw(message: Message, body: dict[str, Any], *, at: datetime | None = None) -> Message:
    """A card shows something else from now on (survey answered): `body` is merged into its own."""
    return _change(message, at, lambda row, _moment: row.body.update(body))


def _reword(message: Message, text: str, at: datetime) -> None:
    message.text, message.edited_at = text, at


def _take_back(message: Message, at: datetime) -> None:
    message.deleted_at = at


def _change(message: Message, at: datetime | None, change: Any) -> Message:
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=message.interaction_id)
    message = Message.objects.select_related("agent").get(pk=message.pk)
    if message.deleted_at:
        return message
    before = message.text
    change(message, at or clock.now())
    row.staff_seq += 1
    message.staff_seq = row.staff_seq
    if message.customer_seq is not None:
        row.customer_seq += 1
        message.customer_seq = row.customer_seq
    row.save(update_fields=["staff_seq", "customer_seq"])
    message.save()
    if message.deleted_at or message.text != before:  # found by its new words soon
        MessageText.objects.filter(pk=message.pk).update(vector=None)
    _show(row, message)
    return message


def mark_read(
    interaction_id: int, seq: int, *, agent_id: int | None = None, customer_id: int | None = None
) -> bool:
    """A participant has seen everything up to their audience's number `seq`; it never goes back.

    False when nothing changed: an old mark, or nobody who takes part."""
    who = {"agent": agent_id} if agent_id else {"customer": customer_id}
    last = F("interaction__staff_seq") if agent_id else F("interaction__customer_seq")
    takes_part = Participant.objects.filter(interaction=interaction_id, read_seq__lt=seq, **who)
    known = takes_part.annotate(last=last).filter(last__gte=seq).values("pk")
    return bool(
        Participant.objects.filter(pk__in=known).update(
            read_seq=Greatest("read_seq", seq), delivered_seq=Greatest("delivered_seq", seq)
        )
    )
