"""Legal holds: nothing of these customers goes."""

from typing import Any

from django.db.models import QuerySet

from crm import clock
from crm.models import Customer, LegalHold


class OnHold(Exception):
    """A legal hold keeps this customer's data."""


def held() -> QuerySet[LegalHold, Any]:
    """The numbers of the customers on hold, for a NOT IN."""
    return LegalHold.objects.filter(lifted_at=None).values("customer_id")


def is_held(customer: Customer) -> bool:
    return LegalHold.objects.filter(customer=customer, lifted_at=None).exists()


def hold(customer: Customer, reason: str, by: Any) -> LegalHold:
    """Keep everything. Several may hold one customer; lifting lifts them all."""
    return LegalHold.objects.create(customer=customer, reason=reason[:300], set_by=by)


def lift(customer: Customer) -> None:
    LegalHold.objects.filter(customer=customer, lifted_at=None).update(lifted_at=clock.now())
