"""Finding a customer from what a colleague types: a name's beginning, a mail, a phone number."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Customer, Identity, OwnField
from crm.services import customers, own_fields
from crm.text import words


def find_customers(term: str, within: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Customers whose name begins so, in either order, or who own such an identity.

    Every branch is an index's prefix, so that it stays fast with a million customers."""
    rows = Customer.objects.all() if within is None else within
    term = term.strip()
    parts = words(term)
    if not parts:
        return rows.none()
    wanted = Q(name_key__startswith=" ".join(parts))
    if len(parts) > 1:
        wanted |= Q(name_key__startswith=" ".join([*parts[1:], parts[0]]))
    owned = Identity.objects.filter(customer=OuterRef("pk"))
    wanted |= own_fields.found_by(OwnField.About.CUSTOMER, term)
    return rows.filter(wanted | Exists(owned.filter(_identity(term))))


def _identity(term: str) -> Q:
    wanted = Q(value__startswith=term.lower())
    try:
        phone = customers.normalise(Identity.Kind.PHONE, term)
    except customers.BadIdentity:
        return wanted
    return wanted | Q(kind=Identity.Kind.PHONE, value=phone)
