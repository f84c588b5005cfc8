"""Who are they? `customers.identify` for a batch: a few statements whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from crm import clock
from crm.models import Customer, Identity, OrganisationDomain
from crm.services import customers, rows
from crm.services.customers import suggestions


@dataclass(frozen=True, slots=True)
class Sender:
    """As the arguments of `identify`; `address` is normalised already (`customers.normalise`)."""

    address: str
    name: str = ""
    verified_by: str = ""
    language: str = "fr"


@transaction.atomic
def identify_all(senders: Iterable[Sender], *, source: str) -> Mapping[str, Customer]:
    """By mail address: the customers there are, and new ones for who is not known; of several
    mails of one sender the first names them.

    Raises IntegrityError when another process makes one of them at this moment: the caller goes
    one by one then."""
    wanted: dict[str, Sender] = {}
    for sender in senders:
        wanted.setdefault(sender.address, sender)
    known = Identity.objects.filter(kind=Identity.Kind.MAIL, value__in=wanted)
    found = {row.value: row.customer for row in known.select_related("customer")}
    missing = [sender for address, sender in wanted.items() if address not in found]
    if missing:
        found |= _make(missing, source)
    _mark_verified(wanted)
    return found


def _make(missing: list[Sender], source: str) -> dict[str, Customer]:
    made = {sender.address: _record(sender) for sender in missing}
    _join_by_domain(made)
    rows.insert(list(made.values()))
    now = clock.now()
    rows.insert(
        [
            Identity(
                customer=made[sender.address],
                kind=Identity.Kind.MAIL,
                value=sender.address,
                source=source,
                verified_by=sender.verified_by,
                verified_at=now if sender.verified_by else None,
                created_at=now,
            )
            # in one order everywhere: two batches with the same senders never wait in a ring
            for sender in sorted(missing, key=lambda sender: sender.address)
        ]
    )
    suggestions.suggest_namesakes(list(made.values()))
    return made


def _record(sender: Sender) -> Customer:
    first, last = customers.split_name(sender.name)
    made = Customer(first_name=first, last_name=last, language=sender.language[:2])
    made.set_name_key()
    return made


def _join_by_domain(made: Mapping[str, Customer]) -> None:
    domains = {address: address.rpartition("@")[2] for address in made}
    rules = OrganisationDomain.objects.filter(name__in=set(domains.values()))
    known = {rule.name: rule.organisation_id for rule in rules}
    for address, customer in made.items():
        if domains[address] in known:
            customer.organisation_id = known[domains[address]]
            customer.joined_by = domains[address]


def _mark_verified(senders: Mapping[str, Sender]) -> None:
    for how in {sender.verified_by for sender in senders.values()} - {""}:
        values = [sender.address for sender in senders.values() if sender.verified_by == how]
        Identity.objects.filter(kind=Identity.Kind.MAIL, value__in=values, verified_at=None).update(
            verified_at=clock.now(), verified_by=how
        )
