"""The ways to recognise a customer: their one spelling, whose they are, and how we know."""

import re

import phonenumbers
from django.conf import settings
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from crm import clock
from crm.models import Consent, Customer, Identity, Visit

Kind = Identity.Kind


class BadIdentity(ValueError):
    """The value cannot be an identity of that kind."""


class IdentityTaken(Exception):
    """It belongs to another customer; merging is a decision, never a side effect."""


def normalise(kind: str, value: str, region: str | None = None) -> str:
    """The one spelling under which an identity is stored.

    Mail: lower case, the domain in ASCII, plus-tags kept. Phone: E.164, read with `region` or the
    installation's default. Others: trimmed. Raises BadIdentity."""
    value = value.strip()
    if not value.isprintable():
        raise BadIdentity(value)
    if kind == Kind.MAIL:
        return _mail(value)
    if kind == Kind.PHONE:
        return _phone(value, region or settings.DEFAULT_PHONE_REGION)
    if not value or len(value) > 254:
        raise BadIdentity(value)
    return value


def _mail(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and "." in domain) or any(c.isspace() or c in "<>," for c in value):
        raise BadIdentity(value)
    try:
        ascii_domain = domain.lower().encode("idna").decode()
    except UnicodeError as error:
        raise BadIdentity(value) from error
    address = f"{local.lower()}@{ascii_domain}"
    if len(address) > 254:
        raise BadIdentity(value)
    return address


def _phone(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise BadIdentity(value) from error
    if not phonenumbers.is_valid_number(number):
        raise BadIdentity(value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# what a colleague can be told; the others are proven or drawn
TOLD = (Kind.MAIL, Kind.PHONE, Kind.EXTERNAL)
_TYPED_NUMBER = re.compile(r"\+?[\d\s.\-/()]+")


def phone_beginning(typed: str) -> str:
    """How the stored spelling of a number begins that somebody has begun to type ("01 99" is
    "+33199" in France); "" when it is no number, or too little of one."""
    digits = re.sub(r"\D", "", typed)
    if len(digits) < 3 or not _TYPED_NUMBER.fullmatch(typed.strip()):
        return ""
    if typed.strip().startswith("+") or digits.startswith("00"):
        return f"+{digits.removeprefix('00')}"
    region = settings.DEFAULT_PHONE_REGION
    home = phonenumbers.PhoneMetadata.metadata_for_region(region)
    trunk = (home and home.national_prefix) or ""
    code = str(phonenumbers.country_code_for_region(region))
    # a telephone system's display leaves the "+" out: "33612345678"
    if trunk and not digits.startswith(trunk) and digits.startswith(code):
        return f"+{digits}"
    return f"+{code}{digits.removeprefix(trunk)}"


def add_identity(
    customer: Customer, kind: str, value: str, *, verified_by: str = "", source: str = ""
) -> Identity:
    """Give a customer one more identity; giving it twice changes nothing.

    Raises BadIdentity, or IdentityTaken when it is somebody else's."""
    value = normalise(kind, value)
    identity, _made = Identity.objects.get_or_create(
        kind=kind,
        value=value,
        defaults={
            "customer": customer,
            "source": source,
            "verified_by": verified_by,
            "verified_at": clock.now() if verified_by else None,
        },
    )
    if identity.customer_id != customer.pk:
        raise IdentityTaken(kind)
    if verified_by:
        mark_verified(identity, verified_by)
    return identity


def forget_identity(identity: Identity) -> None:
    """They are not recognised by it any more; who wrote from there is somebody new."""
    identity.delete()


def mark_verified(identity: Identity, how: str) -> None:
    Identity.objects.filter(pk=identity.pk, verified_at=None).update(
        verified_at=clock.now(), verified_by=how
    )


def mail_address(customer: Customer) -> str | None:
    """Where to write: a verified address if there is one, the oldest first."""
    return _first(customer, Kind.MAIL)


def phone_number(customer: Customer) -> str | None:
    """Where to call, E.164: a verified number if there is one, the oldest first."""
    return _first(customer, Kind.PHONE)


def _first(customer: Customer, kind: str) -> str | None:
    known = [identity for identity in customer.identities.all() if identity.kind == kind]
    known.sort(key=lambda identity: (identity.verified_at is None, identity.pk))
    return known[0].value if known else None


def attach_visit(visit: Visit, customer: Customer) -> None:
    """The visit is theirs from now on, unless they objected to that; a visit that is somebody
    else's stays so."""
    said = Consent.objects.filter(customer=customer, purpose=Consent.Purpose.MEMORY)
    last = Subquery(said.order_by("-at", "-pk").values("granted")[:1])
    free = Visit.objects.annotate(allowed=Coalesce(last, True))
    free.filter(pk=visit.pk, customer=None, allowed=True).update(customer=customer)
