"""Blocking a customer: a lead's, with a reason and an end. What is open goes on; nothing new
begins and nothing closed opens again by what they write, whatever the door."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Block, Customer, Identity, User

MAY = "crm.add_block"
LONGEST = timedelta(days=366)


class Blocked(Exception):
    """A lead has blocked this customer; `str()` is what the customer reads."""

    def __str__(self) -> str:
        return _("We cannot take a new request from you at the moment.")


class BadEnd(Exception):
    """A block ends within a year, and not before it began."""


def running(at: datetime | None = None) -> QuerySet[Block]:
    return Block.objects.filter(lifted_at=None, until__gt=at or clock.now())


def of(customer: Customer | int) -> Block | None:
    """The one that holds longest."""
    return running().filter(customer=customer).order_by("-until").first()


def refuse(customer: Customer) -> None:
    """Raises Blocked."""
    if running().filter(customer=customer).exists():
        raise Blocked


def addresses(values: Iterable[str]) -> set[str]:
    """Which of these mail addresses are a blocked customer's."""
    owned = Identity.objects.filter(
        kind=Identity.Kind.MAIL, value__in=set(values), customer__in=running().values("customer")
    )
    return set(owned.values_list("value", flat=True))


def check_end(until: datetime) -> None:
    """Raises BadEnd."""
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise BadEnd


@transaction.atomic
def block(customer: Customer, *, reason: str, until: datetime, by: User) -> Block:
    """Raises BadEnd."""
    check_end(until)
    return Block.objects.create(customer=customer, reason=reason, until=until, by=by)


def lift(block: Block, *, by: User) -> None:
    """Lifting it twice changes nothing."""
    Block.objects.filter(pk=block.pk, lifted_at=None).update(lifted_at=clock.now(), lifted_by=by)
