"""A chat by mail: the whole of it when its customer asks, and what was said after they had gone.

Both are mails of the same exchange: an answer to them comes back into it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from chat.models import Chat
from chat.services import addresses
from crm import clock, registry
from crm.models import Interaction, Message, Participant, Status
from crm.services import limits, posting

PATIENCE = timedelta(minutes=3)  # a line unread for so long: they have gone
_LATELY = timedelta(days=1)
_AFTER_CLOSING = timedelta(hours=1)
_AT_ONCE = 100
_MOST_TRANSCRIPTS = 3  # of one chat in a day: nobody's mailbox is filled by a stranger


class TooOften(Exception):
    """Enough of them were sent today."""


@transaction.atomic
def send_transcript(chat: Chat, mail: str) -> None:
    """The conversation so far; what follows while they are gone is sent there too.

    Raises TooOften."""
    if not limits.allow("transcript", str(chat.pk), limit=_MOST_TRANSCRIPTS, seconds=86_400):
        raise TooOften
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=chat.pk)
    addresses.give(interaction, mail)
    said = list(_lines(interaction))
    _send(interaction, "transcript", mail, said)


def sweep(at: datetime | None = None) -> int:
    """Send whoever has gone what they did not read. Any number of processes may run it."""
    at = at or clock.now()
    return sum(send_unread(key, at) for key in _gone(at).values_list("pk", flat=True)[:_AT_ONCE])


def _gone(at: datetime) -> QuerySet[Chat]:
    unread = _unread(OuterRef("pk"), OuterRef("mailed_id")).filter(created_at__lte=at - PATIENCE)
    alive = Q(interaction__status__in=[Status.ACTIVE, Status.PENDING])
    alive |= Q(interaction__closed_at__gte=at - _AFTER_CLOSING)
    answered = Chat.objects.filter(alive, interaction__last_agent_at__gte=at - _LATELY)
    return answered.filter(Exists(unread)).order_by("pk")


def _unread(interaction: Any, mailed: Any) -> QuerySet[Message]:
    """What an agent said that no window of theirs has shown, and no mail."""
    mine = Participant.objects.filter(
        interaction=OuterRef("interaction"), role=Participant.Role.CUSTOMER
    )
    said = Message.objects.filter(
        interaction=interaction,
        author=Message.Author.AGENT,
        kind=Message.Kind.TEXT,
        deleted_at=None,
        pk__gt=mailed,
    )
    return said.annotate(read=Subquery(mine.values("read_seq")[:1])).filter(
        customer_seq__gt=F("read")
    )


@transaction.atomic
def send_unread(key: int, at: datetime) -> bool:
    """One mail of all that they missed; False when there is nothing, or nowhere to send it."""
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=key)
    mail = addresses.of(interaction)
    if not mail or not _gone(at).filter(pk=key).exists():
        return False
    mailed = Chat.objects.values_list("mailed_id", flat=True).get(pk=key)
    said = list(_unread(key, mailed).select_related("agent").order_by("pk"))
    _send(interaction, "lines", mail, said)
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={"event": "mailed", "address": mail},
        to_customer=False,
        at=at,
    )
    return True


def _lines(interaction: Interaction) -> Iterable[Message]:
    said = interaction.messages.filter(kind=Message.Kind.TEXT, deleted_at=None)
    return said.exclude(customer_seq=None).select_related("agent").order_by("pk")


def _send(interaction: Interaction, template: str, mail: str, said: list[Message]) -> None:
    language = interaction.language
    last = said[-1].pk if said else 0
    with translation.override(language):
        lines = [
            {
                "who": message.agent.display_name if message.agent else _("You"),
                "at": message.created_at,
                "text": message.text,
            }
            for message in said
        ]
        context = {
            "name": interaction.customer.addressed(language),
            "reference": interaction.reference,
            "lines": lines,
        }
        registry.notify(
            mail,
            f"chat/mail/{template}",
            context,
            language,
            f"chat:{template}:{interaction.pk}:{last}:{mail}",
            interaction,
        )
    Chat.objects.filter(pk=interaction.pk, mailed_id__lt=last).update(mailed_id=last)
