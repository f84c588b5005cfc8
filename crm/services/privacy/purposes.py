"""The kernel's own purposes of keeping data. The defaults are the trade's (French practice)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm import clock, registry
from crm.models import (
    Attachment,
    Customer,
    Interaction,
    InteractionFact,
    PrivacyRequest,
    Status,
    Visit,
)
from crm.services import posting

from . import facts, kernel, requests
from .holds import held

_PERSONS_AT_ONCE = 20  # each is an erasure of its own


def unknown_visits(before: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(customer=None, scrubbed_at=None, last_at__lt=before)


def known_visits(before: datetime) -> QuerySet[Visit]:
    rows = Visit.objects.filter(customer__isnull=False, last_at__lt=before)
    return rows.exclude(customer__in=held())


def _scrub(rows: QuerySet[Visit], limit: int) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
    return kernel.scrub(Visit.objects.filter(pk__in=keys)) if keys else 0


def _with_words(before: datetime) -> QuerySet[Interaction]:
    gone = InteractionFact.objects.filter(interaction=OuterRef("pk"), words_gone_at__isnull=False)
    rows = Interaction.objects.filter(status=Status.CLOSED, closed_at__lt=before)
    return rows.filter(~Exists(gone)).exclude(customer__in=held())


def words(before: datetime) -> QuerySet[Interaction]:
    return _with_words(before).exclude(nature=Interaction.Nature.COMPLAINT)


def complaints(before: datetime) -> QuerySet[Interaction]:
    return _with_words(before).filter(nature=Interaction.Nature.COMPLAINT)


def _take_words(rows: QuerySet[Interaction], limit: int) -> int:
    found = list(rows.order_by("closed_at").values_list("pk", "customer")[:limit])
    if not found:
        return 0
    for customer in Customer.all_rows.filter(pk__in={owner for _key, owner in found}):
        facts.keep(customer)
    keys = [key for key, _owner in found]
    for part in registry.personal_parts():
        part.erase(keys)
    InteractionFact.objects.filter(interaction__in=keys).update(words_gone_at=clock.now())
    return len(keys)


def attachments(before: datetime) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(created_at__lt=before)
    return rows.exclude(message__interaction__customer__in=held())


def _drop_attachments(before: datetime, limit: int) -> int:
    return posting.drop_files(
        list(attachments(before).order_by("pk").values_list("pk", flat=True)[:limit])
    )


def silent_customers(before: datetime) -> QuerySet[Customer]:
    """Nobody has heard of them since, nothing is open, and no erasure is under way."""
    lately = Interaction.objects.filter(customer=OuterRef("pk")).filter(
        ~Q(status=Status.CLOSED)
        | Q(opened_at__gte=before)
        | Q(closed_at__gte=before)
        | Q(last_customer_at__gte=before)
    )
    asked = PrivacyRequest.objects.filter(customer=OuterRef("pk"), kind__in=requests.ERASING)
    rows = Customer.objects.filter(created_at__lt=before, erased_at=None)
    return rows.filter(~Exists(lately), ~Exists(asked)).exclude(pk__in=held())


def _erase_customers(before: datetime, limit: int) -> int:
    count = 0
    for customer in silent_customers(before).order_by("pk")[: min(limit, _PERSONS_AT_ONCE)]:
        requests.open_request(customer, PrivacyRequest.Kind.ERASE, by=None)
        count += 1
    return count


def counting(rows: Any) -> Any:
    return lambda before: rows(before).count()


def purging(rows: Any, purge: Any) -> Any:
    return lambda before, limit: purge(rows(before), limit)


UNKNOWN_VISITS = (counting(unknown_visits), purging(unknown_visits, _scrub))
KNOWN_VISITS = (counting(known_visits), purging(known_visits, _scrub))
WORDS = (counting(words), purging(words, _take_words))
COMPLAINTS = (counting(complaints), purging(complaints, _take_words))
ATTACHMENTS = (counting(attachments), _drop_attachments)
CUSTOMERS = (counting(silent_customers), _erase_customers)
