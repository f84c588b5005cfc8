"""Who is it? What is proven decides; names and claims only suggest (docs/decisions.md)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from crm import clock
from crm.models import Customer, Identity, MergeSuggestion
from crm.text import words

from . import organisations
from .identities import (
    TOLD,
    BadIdentity,
    IdentityTaken,
    Kind,
    add_identity,
    mark_verified,
    normalise,
)
from .suggestions import suggest, suggest_namesakes

Reason = MergeSuggestion.Reason
_REASONS: dict[str, Reason] = {
    Kind.MAIL: Reason.SAME_MAIL,
    Kind.PHONE: Reason.SAME_PHONE,
    Kind.EXTERNAL: Reason.SAME_EXTERNAL,
    Kind.VISITOR: Reason.SAME_BROWSER,
}


@dataclass(frozen=True)
class Claim:
    """What a door heard about who it is. `verified_by` says how it knows that it is theirs
    ("mail", "portal", "site"); empty: somebody typed it."""

    kind: str
    value: str
    verified_by: str = ""


def find(kind: str, value: str) -> Customer | None:
    """The customer who has this identity. Raises BadIdentity."""
    identity = (
        Identity.objects.filter(kind=kind, value=normalise(kind, value))
        .select_related("customer")
        .first()
    )
    return identity.customer if identity else None


def identify(
    kind: str,
    value: str,
    *,
    name: str = "",
    verified_by: str = "",
    source: str = "",
    language: str = "fr",
) -> Customer:
    """The customer whom an exchange's own address belongs to, or a new one. Two first contacts
    at once make one.

    `verified_by` as in `Claim`. The name is used only for a new record. Raises BadIdentity."""
    value = normalise(kind, value)
    found = Identity.objects.filter(kind=kind, value=value).select_related("customer").first()
    if found is None:
        claim = Claim(kind, value, verified_by)
        try:
            with transaction.atomic():
                return _make([claim], name, source, language)
        except IntegrityError:  # a colleague process was faster, and that is fine
            found = Identity.objects.select_related("customer").get(kind=kind, value=value)
    if verified_by:
        mark_verified(found, verified_by)
    return found.customer


def recognise(
    claims: Sequence[Claim], *, name: str = "", source: str = "", language: str = "fr"
) -> Customer:
    """The customer of several claims, the weightiest first.

    What is proven decides. When it proves two records, the first one wins and a merge is
    suggested. With nothing proven, the exchange's own address decides as in `identify`; a phone
    number only for somebody of that name. Claims that point to another record suggest a merge.
    A known record learns from proof, not from what a form says. Raises BadIdentity."""
    claims = [Claim(c.kind, normalise(c.kind, c.value), c.verified_by) for c in claims]
    owners = _owners(claims)
    proven = [claim for claim in claims if claim.verified_by]
    deciding = proven or [c for c in claims if _may_decide(c, owners.get(c), name)]
    customer = next((owners[claim] for claim in deciding if claim in owners), None)
    free = [claim for claim in claims if claim not in owners]
    if customer is None:
        try:
            with transaction.atomic():
                customer = _make(free, name, source, language)
        except IntegrityError:  # somebody else was faster: now it is known
            return recognise(claims, name=name, source=source, language=language)
    elif proven:
        _learn(customer, free, source)
    for claim, owner in owners.items():
        if claim.verified_by and owner == customer:
            _mark(claim)
        if owner != customer:
            suggest(customer, owner, _reason(claim))
    return customer


def of_account(user: Any) -> Customer | None:
    """The record of whoever is signed in on the portal."""
    return Customer.objects.filter(user=user).first() if user.is_authenticated else None


def known_as(customer: Customer, claims: Sequence[Claim], *, source: str) -> Customer:
    """What somebody says who has proven to be this customer: new addresses are theirs, claimed;
    one that is another record's suggests a merge. Raises BadIdentity."""
    claims = [Claim(c.kind, normalise(c.kind, c.value)) for c in claims]
    owners = _owners(claims)
    with suppress(IntegrityError), transaction.atomic():  # somebody else was faster
        _learn(customer, [claim for claim in claims if claim not in owners], source)
    for claim, owner in owners.items():
        suggest(customer, owner, _reason(claim))
    return customer


def told_identity(customer: Customer, kind: str, value: str, *, source: str) -> Identity:
    """One more way to recognise them, by a colleague's word: claimed, not verified.

    Raises BadIdentity; or IdentityTaken, when it is somebody else's and the pair is suggested."""
    if kind not in TOLD:
        raise BadIdentity(kind)
    try:
        with transaction.atomic():
            return add_identity(customer, kind, value, source=source)
    except IdentityTaken:
        known_as(customer, [Claim(kind, value)], source=source)
        raise


def _owners(claims: Sequence[Claim]) -> dict[Claim, Customer]:
    wanted = Q(pk=None)
    for claim in claims:
        wanted |= Q(kind=claim.kind, value=claim.value)
    known = {
        (identity.kind, identity.value): identity.customer
        for identity in Identity.objects.filter(wanted).select_related("customer")
    }
    return {c: known[c.kind, c.value] for c in claims if (c.kind, c.value) in known}


def _may_decide(claim: Claim, owner: Customer | None, name: str) -> bool:
    """A household shares a landline: the number alone does not say which of them calls."""
    if claim.kind != Kind.PHONE or owner is None or not name:
        return True
    known = set(words(owner.full_name))
    return not known or bool(known & set(words(name)))


def _reason(claim: Claim) -> str:
    return Reason.PROVEN_BOTH if claim.verified_by else _REASONS.get(claim.kind, Reason.PROVEN_BOTH)


def _make(claims: Sequence[Claim], name: str, source: str, language: str) -> Customer:
    first, last = split_name(name)
    customer = Customer.objects.create(first_name=first, last_name=last, language=language[:2])
    _learn(customer, claims, source)
    organisations.join_by_domain(customer, [c.value for c in claims if c.kind == Kind.MAIL])
    suggest_namesakes([customer])
    return customer


def _learn(customer: Customer, claims: Sequence[Claim], source: str) -> None:
    at = clock.now()
    # in one order everywhere: two doors with the same claims wait for one another, never in a ring
    for claim in sorted(claims, key=lambda claim: (claim.kind, claim.value)):
        Identity.objects.create(
            customer=customer,
            kind=claim.kind,
            value=claim.value,
            source=source,
            verified_by=claim.verified_by,
            verified_at=at if claim.verified_by else None,
            created_at=at,
        )


def _mark(claim: Claim) -> None:
    mark_verified(Identity.objects.get(kind=claim.kind, value=claim.value), claim.verified_by)


def split_name(name: str) -> tuple[str, str]:
    """First and last name of "Ada Lenoir" or "LENOIR, Ada"; one word is a last name."""
    name = " ".join(name.replace("\x00", "").split())[:160]
    if "," in name:
        last, _comma, first = name.partition(",")
        return first.strip()[:80], last.strip()[:80]
    first, _blank, last = name.rpartition(" ")
    return first[:80], last[:80]


__all__ = [
    "BadIdentity",
    "Claim",
    "find",
    "identify",
    "known_as",
    "of_account",
    "recognise",
    "split_name",
]
