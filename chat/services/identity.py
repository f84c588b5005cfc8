"""Who a site says its visitor is: a token that its server signed (docs/identity.md). A good one
proves; anything else says nothing.

A JSON Web Token with HS256 and no other algorithm, whatever its head asks for."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, TypeGuard

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils.crypto import salted_hmac

from chat.models import Site
from crm import clock
from crm.models import Identity
from crm.services import customers
from crm.services.customers import Claim

BY = "site"  # Identity.verified_by
LONGEST_LIFE = 3600  # seconds; a token that lives longer is somebody's mistake, or loot
_LONGEST = 4_000
_SKEW = 60  # seconds by which the site's clock may differ


class BadIdentity(ValueError):
    """Not signed with this site's secret, over, for another site, or without a person."""


@dataclass(frozen=True)
class Proven:
    """Whom the site vouches for."""

    claims: list[Claim]
    name: str = ""


def rotate(site: Site) -> str:
    """A new secret, shown now and never again; tokens signed with the one before are void."""
    Site.objects.filter(pk=site.pk).update(identity_version=F("identity_version") + 1)
    site.refresh_from_db(fields=["identity_version"])
    return _secret(site, settings.SECRET_KEY)


def _secret(site: Site, key: str) -> str:
    """Made of the installation's key: the database holds none that a copy of it could leak."""
    scope = f"{site.pk}:{site.identity_version}"
    return salted_hmac("chat.identity", scope, secret=key, algorithm="sha256").hexdigest()


def read(site: Site, token: str) -> Proven:
    """Whom this token names on this site. Raises BadIdentity."""
    if not site.identity_version or not token.isascii() or len(token) > _LONGEST:
        raise BadIdentity("no secret, or no token")
    signed, _dot, mark = token.rpartition(".")
    head, _dot, body = signed.partition(".")
    if not _is_signed(site, signed, _decoded(mark)) or _json(head).get("alg") != "HS256":
        raise BadIdentity("signature")
    said = _json(body)
    _is_meant(site, said)
    claims = _claims(said)
    if not claims:
        raise BadIdentity("nobody")
    return Proven(claims, name=str(said.get("name") or "")[:160])


def _is_signed(site: Site, signed: str, mark: bytes) -> bool:
    return any(
        hmac.compare_digest(
            hmac.new(_secret(site, key).encode(), signed.encode(), hashlib.sha256).digest(), mark
        )
        for key in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    )


def _is_meant(site: Site, said: dict[str, Any]) -> None:
    """For this site, and for now."""
    audience, until, since = said.get("aud"), said.get("exp"), said.get("nbf", 0)
    now = clock.wall().timestamp()
    if site.key != audience and not (isinstance(audience, list) and site.key in audience):
        raise BadIdentity("another site's")
    if not _is_time(until) or not _is_time(since) or not now - _SKEW < until <= now + LONGEST_LIFE:
        raise BadIdentity("over, or for too long")
    if since > now + _SKEW:
        raise BadIdentity("not yet")


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _claims(said: dict[str, Any]) -> list[Claim]:
    """The customer number, then the address unless the site says that it never checked it."""
    found = []
    for kind, name in ((Identity.Kind.EXTERNAL, "sub"), (Identity.Kind.MAIL, "email")):
        value = said.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > 254:
            continue
        if kind == Identity.Kind.MAIL and (
            said.get("email_verified") is False or not _is_mail(value)
        ):
            continue
        try:
            customers.normalise(kind, value)
        except customers.BadIdentity:
            continue
        found.append(Claim(kind, value, BY))
    return found


def _is_mail(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadIdentity("no base64") from error


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(part))
    except (ValueError, RecursionError) as error:
        raise BadIdentity("no JSON") from error
    if not isinstance(found, dict):
        raise BadIdentity("no object")
    return found
