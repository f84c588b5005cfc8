"""A word to the customer before a request closes because they are silent."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from crm import clock, registry
from crm.models import Interaction, Message, Status
from crm.services import posting
from tickets.services import outbox

TEMPLATE = "tickets/mail/closing_soon"
TOLD = "closing_told"  # the event in the request's own line
BEFORE = timedelta(days=2)
AFTER = timedelta(days=1)  # our answer: sooner they still know
_AT_ONCE = 200


def remind(at: datetime | None = None) -> int:
    """Remind the customers of requests that close soon, once per answer of ours. A sweep.

    Where there is nobody to write to, the request says so, once too, and holds up no other."""
    at = at or clock.now()
    keys = _due(at).order_by("wake_at").values_list("pk", flat=True)[:_AT_ONCE]
    return sum(_remind_one(key, at) for key in list(keys))


def _due(at: datetime) -> QuerySet[Interaction]:
    told = Message.objects.filter(
        interaction=OuterRef("pk"), body__event=TOLD, created_at__gte=OuterRef("last_agent_at")
    )
    return Interaction.objects.filter(
        ~Exists(told),
        channel="mail",
        status=Status.PENDING,
        wake_closes=True,
        wake_at__gt=at,
        wake_at__lte=at + BEFORE,
        last_agent_at__lte=at - AFTER,
        complaint=None,  # never closes by itself
    )


@transaction.atomic
def _remind_one(key: int, at: datetime) -> int:
    interaction = _due(at).select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
    if interaction is None or interaction.wake_at is None or interaction.last_agent_at is None:
        return 0
    once = f"closing:{key}:{interaction.last_agent_at.timestamp():.0f}"
    address = outbox.answer_address(interaction)
    if address:
        words = _words(interaction, interaction.last_agent_at, interaction.wake_at)
        outbox.notify(address, TEMPLATE, words, interaction.language, once, interaction)
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        to_customer=False,
        client_id=once,
        body={"event": TOLD, **({"address": address} if address else {"why": "no_address"})},
    )
    return 1 if address else 0


def _words(interaction: Interaction, answered: datetime, closes: datetime) -> dict[str, str]:
    language = interaction.language
    return {
        "name": interaction.customer.addressed(language),
        "reference": interaction.reference,
        "title": interaction.title,
        "answered": _day(answered, language),
        "closes": _day(closes, language),
        "url": registry.request_page(interaction),
    }


def _day(moment: datetime, language: str) -> str:
    with translation.override(language):
        return date_format(localtime(moment), "DATE_FORMAT")
