"""Which records a colleague may see. Every door asks here, or `Interaction.objects.visible_to`:
console, API, sockets, search, exports.

Managers, administrators and auditors see the whole house. An agent sees the customers of the
exchanges they may see (their queues; a team lead their team's), and whoever they were let in to:
by knowing one of the customer's identities exactly, which is kept in the audit trail."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from crm import clock
from crm.models import Customer, CustomerGrant, Identity, Interaction, Visit
from crm.services import audit, customers, limits

LET_IN_FOR = timedelta(hours=8)  # a shift
_TRIES_AN_HOUR = 60


def sees_all(user: Any) -> bool:
    """The whole house, whatever the queue."""
    return bool(user.is_staff and user.has_perm("crm.view_all_interactions"))


def customers_for(user: Any, rows: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """The customers whom this user may see."""
    rows = Customer.objects.all() if rows is None else rows
    if not user.is_authenticated or not user.is_active:
        return rows.none()
    if not user.is_staff:
        return rows.filter(user=user)
    if sees_all(user):
        return rows
    return rows.filter(_theirs(user, "pk"))


def identities_for(user: Any) -> QuerySet[Identity]:
    return _of_customers(user, Identity.objects.all())


def removable_identities(user: Any) -> QuerySet[Identity]:
    """Addresses and numbers this user may take off a record: what is proven needs more."""
    rows = identities_for(user).filter(kind__in=customers.TOLD)
    if not user.has_perm("crm.delete_identity"):
        return rows.none()
    return rows if user.has_perm("crm.change_identity") else rows.filter(verified_at=None)


def visits_for(user: Any) -> QuerySet[Visit]:
    """Visits of the customers they may see, and those that led to an exchange they may see."""
    if not user.is_staff or sees_all(user):
        return _of_customers(user, Visit.objects.all())
    led = Interaction.objects.visible_to(user).filter(visit=OuterRef("pk"))
    return Visit.objects.filter(_theirs(user, "customer_id") | Exists(led))


def _of_customers(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    if not user.is_authenticated or not user.is_active:
        return rows.none()
    if not user.is_staff:
        return rows.filter(customer__user=user)
    return rows if sees_all(user) else rows.filter(_theirs(user, "customer_id"))


def _theirs(user: Any, key: str) -> Q:
    seen = Interaction.objects.visible_to(user).filter(customer=OuterRef(key))
    let_in = CustomerGrant.objects.filter(user=user, customer=OuterRef(key), until__gt=clock.wall())
    return Q(Exists(seen)) | Q(Exists(let_in))


def may_see(user: Any, customer: Customer) -> bool:
    return customers_for(user).filter(pk=customer.pk).exists()


@transaction.atomic
def let_in(user: Any, customer: Customer, reason: str) -> None:
    """The user may see this customer for the next shift."""
    CustomerGrant.objects.update_or_create(
        user=user,
        customer=customer,
        defaults={"reason": reason, "until": clock.wall() + LET_IN_FOR},
    )


class TooMany(Exception):
    """So many whole identities an hour are guesses."""


def by_exact_identity(user: Any, value: str) -> Customer | None:
    """Whoever owns exactly this address, number or external number; a part finds nobody. Says
    nothing of who may see them. Raises TooMany."""
    if not limits.allow("find", str(user.pk), limit=_TRIES_AN_HOUR, seconds=3600):
        raise TooMany
    for kind in (Identity.Kind.MAIL, Identity.Kind.PHONE, Identity.Kind.EXTERNAL):
        try:
            found = customers.find(kind, value)
        except customers.BadIdentity:
            continue
        if found is not None:
            return found
    return None


def open_by_identity(user: Any, value: str) -> Customer | None:
    """As `by_exact_identity`; the user may see them for the next shift, and the audit trail says
    so. Raises TooMany."""
    found = by_exact_identity(user, value)
    if found is not None and not may_see(user, found):
        let_in(user, found, CustomerGrant.Reason.IDENTITY)
        audit.record(
            audit.Verb.FOUND,
            model="crm.customer",
            object_id=found.pk,
            customer_id=found.pk,
            actor_id=user.pk,
        )
    return found


def moved_to(user: Any, pk: int) -> Customer | None:
    """The record that has everything of one that was merged, if this user may see it."""
    gone = Customer.all_rows.filter(pk=pk, merged_into__isnull=False).first()
    now = customers.current(gone) if gone else None
    return now if now is not None and may_see(user, now) else None
