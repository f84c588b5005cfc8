"""Which company a customer belongs to."""

from collections.abc import Sequence

from crm.models import Customer, OrganisationDomain


def join_by_domain(customer: Customer, addresses: Sequence[str]) -> None:
    """A new customer joins the organisation whose domain they write from. The record says that
    it was the rule, so that a person can put it right."""
    domains = [address.rpartition("@")[2] for address in addresses]
    if not domains or customer.organisation_id:
        return
    rule = OrganisationDomain.objects.filter(name__in=domains).first()
    if rule is None:
        return
    customer.organisation_id = rule.organisation_id
    customer.joined_by = rule.name
    customer.save(update_fields=["organisation", "joined_by"])
