"""Messages that belong to another exchange from now on, and the times that follow from what is
said where."""

from collections.abc import Sequence

from django.db.models import Max, Min, Q

from crm import events
from crm.models import Interaction, Mention, Message

from .single import Author, Kind, frames, number

_TIMES = ["first_customer_at", "last_customer_at", "first_answer_at", "last_agent_at"]


def move(keys: Sequence[int], source: Interaction, target: Interaction) -> list[int]:
    """In their order, under new numbers of `target`; which of them were still in `source`. The
    caller holds both locks, and tells `source` that they are gone (an event with `gone`)."""
    found = Message.objects.filter(pk__in=keys, interaction=source).select_related("agent")
    taken = set(target.messages.exclude(client_id=None).values_list("client_id", flat=True))
    moved = list(found.order_by("pk"))
    for message in moved:
        message.interaction = target
        if message.client_id in taken:  # said once in each of them
            message.client_id = None
        number(target, message, shown=message.customer_seq is not None)
        message.save(update_fields=["interaction", "client_id", "staff_seq", "customer_seq"])
    Mention.objects.filter(message__in=moved).update(interaction=target)
    target.save(update_fields=["staff_seq", "customer_seq"])
    for row in (source, target):
        settle_times(row)
    for message in moved:
        events.push_all(frames(target, message))
    return [message.pk for message in moved]


def settle_times(row: Interaction) -> None:
    """When which side spoke first and last, from what is there now. The caller holds the lock."""
    said = row.messages.filter(kind=Kind.TEXT, deleted_at=None)
    customer = Q(author=Author.CUSTOMER)
    agent = Q(author=Author.AGENT, customer_seq__isnull=False)
    found = said.aggregate(
        first_customer_at=Min("created_at", filter=customer),
        last_customer_at=Max("created_at", filter=customer),
        last_agent_at=Max("created_at", filter=agent),
    )
    began = found["first_customer_at"]
    answers = said.filter(agent, created_at__gte=began) if began else said.none()
    found["first_answer_at"] = answers.order_by("pk").values_list("created_at", flat=True).first()
    for name in _TIMES:
        setattr(row, name, found[name])
    row.save(update_fields=_TIMES)
