"""Finding a customer from what a colleague types: a name's beginning, a mail, a phone number."""

from django.db.models import Q, QuerySet

from crm.models import Customer, Identity, OwnField
from crm.services import customers, own_fields
from crm.text import words

Kind = Identity.Kind


def find_customers(term: str, within: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Customers whose name begins so, in either order, or who own such an identity.

    Each branch is an index's own, put together before a customer is read: joined by OR they would
    read a million customers."""
    rows = Customer.objects.all() if within is None else within
    term = term.strip()
    parts = words(term)
    if not parts:
        return rows.none()
    everybody = Customer.objects.order_by().values("pk")
    named = Q(name_key__startswith=" ".join(parts))
    if len(parts) > 1:
        named |= Q(name_key__startswith=" ".join([*parts[1:], parts[0]]))
    owners = Identity.objects.filter(_identity(term)).order_by().values("customer")
    own = everybody.filter(own_fields.found_by(OwnField.About.CUSTOMER, term))
    return rows.filter(pk__in=everybody.filter(named).union(owners, own))


def _identity(term: str) -> Q:
    wanted = Q(kind=Kind.MAIL, value__startswith=term.lower())
    wanted |= Q(kind=Kind.EXTERNAL, value__startswith=term)
    if beginning := customers.phone_beginning(term):
        wanted |= Q(kind=Kind.PHONE, value__startswith=beginning)
    return wanted
