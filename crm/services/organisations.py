"""What is known about a company: its people, what is open with them, and how much there was."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, Func, Max, OuterRef, QuerySet, Subquery, Value

from crm import clock
from crm.models import (
    Customer,
    Identity,
    Interaction,
    Organisation,
    OrganisationDomain,
    Visit,
)
from crm.models.interaction import InteractionQuerySet
from crm.services import rights

SUMMED = timedelta(days=90)


def members(organisation: Organisation, user: Any) -> QuerySet[Customer]:
    """Its people whom the user may see, by name, each with an address (the company's rather than
    their own) and the last exchange that the user may see."""
    company = OrganisationDomain.objects.filter(organisation=organisation, name=OuterRef("domain"))
    mails = Identity.objects.filter(customer=OuterRef("pk"), kind=Identity.Kind.MAIL).annotate(
        domain=Func(F("value"), Value("@"), Value(-1), function="split_part"),
        company=Exists(company),
    )
    last = Interaction.objects.visible_to(user).filter(customer=OuterRef("pk")).order_by()
    return (
        rights.customers_for(user)
        .filter(organisation=organisation)
        .annotate(
            mail=Subquery(mails.order_by("-company", "pk").values("value")[:1]),
            last_at=Subquery(last.values("customer").annotate(at=Max("opened_at")).values("at")),
        )
    )


def exchanges(organisation: Organisation, user: Any) -> InteractionQuerySet:
    """The exchanges of its people, as far as the user may see them."""
    return Interaction.objects.visible_to(user).filter(customer__organisation=organisation)


def visits(organisation: Organisation, user: Any) -> QuerySet[Visit]:
    return rights.visits_for(user).filter(customer__organisation=organisation)


def recent_counts(rows: QuerySet[Interaction]) -> dict[str, int]:
    """Channel → exchanges opened in the last 90 days."""
    recent = rows.filter(opened_at__gt=clock.now() - SUMMED).order_by()
    return dict(recent.values_list("channel").annotate(Count("pk")).order_by("channel"))
