"""What mail holds of persons: letters and their raw bytes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from crm.models import Customer, Identity
from crm.services.privacy.holds import held
from tickets.models import Mail
from tickets.services import sources

_EMPTY: dict[str, Any] = {
    "header_id": "", "in_reply_to": "", "references": [], "from_email": "", "from_name": "",
    "reply_to": "", "to": [], "cc": [], "bcc": [], "envelope_to": [], "subject": "",
    "text": "", "html": "", "authentication": {}, "error": "", "source": "",
    "content_key": None, "key": None, "provider_id": "", "unsubscribe_url": "",
}  # fmt: skip


def collect(keys: Sequence[int]) -> list[dict[str, Any]]:
    """Letters of these exchanges; their words are among the messages already."""
    rows = Mail.objects.filter(interaction__in=keys).order_by("pk")
    told = rows.values("created_at", "direction", "from_email", "to", "cc", "subject")
    return [dict(row) for row in told]


def files(keys: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The letters as they came."""
    rows = Mail.objects.filter(interaction__in=keys).exclude(source="").order_by("pk")
    for row in rows.select_related("interaction"):
        assert row.interaction is not None  # noqa: S101 (asked for by it)
        yield f"files/{row.interaction.reference}-{row.pk}.eml", row.source


def erase(keys: Sequence[int]) -> None:
    _empty(Mail.objects.filter(interaction__in=keys))


def erase_person(customers: Sequence[Customer]) -> None:
    """Letters that never found an exchange, by the addresses of the person."""
    mails = Identity.objects.filter(customer__in=customers, kind=Identity.Kind.MAIL)
    addresses = list(mails.values_list("value", flat=True))
    loose = Mail.objects.filter(interaction=None)
    for address in addresses:
        _empty(loose.filter(Q(from_email__iexact=address) | Q(to__contains=[address])))


def _empty(rows: QuerySet[Mail]) -> None:
    """Everything but direction, state and times goes. What waits to be sent is not sent."""
    keys = list(rows.values_list("pk", flat=True))
    _drop_sources(keys)
    mine = Mail.objects.filter(pk__in=keys)
    mine.filter(state__in=[*Mail.WAITING, Mail.State.IN_FLIGHT]).update(
        state=Mail.State.FAILED, next_try_at=None, claimed_at=None
    )
    mine.update(**_EMPTY)


def _drop_sources(keys: Sequence[int]) -> int:
    rows = Mail.objects.filter(pk__in=keys).exclude(source="")
    names = set(rows.values_list("source", flat=True))
    count = rows.update(source="")
    sources.drop_unused(names)
    return count


def raw(before: datetime) -> QuerySet[Mail]:
    """Mails whose raw bytes are past their time; those still to be read keep them."""
    rows = Mail.objects.inbound().filter(created_at__lt=before).exclude(source="")
    rows = rows.exclude(state__in=[Mail.State.RECEIVED, Mail.State.QUARANTINED])
    return rows.exclude(interaction__customer__in=held())


def count_raw(before: datetime) -> int:
    return raw(before).count()


def purge_raw(before: datetime, limit: int) -> int:
    return _drop_sources(list(raw(before).order_by("pk").values_list("pk", flat=True)[:limit]))
