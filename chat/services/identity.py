"""Who a site says its visitor is: a token that its server signed (docs/identity.md). A good one
proves; anything else says nothing.

A JSON Web Token with HS256 and no other algorithm, whatever its head asks for."""

from dataclasses import dataclass
from typing import Any

import jwt
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
_SIGNED_FOR = 600
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


def sign(site: Site, **said: Any) -> str:
    """What a site's own server writes into its page; ours does so for the demo's shop only."""
    until = int(clock.wall().timestamp()) + _SIGNED_FOR
    body = {"aud": site.key, "exp": until, **said}
    return jwt.encode(body, _secret(site, settings.SECRET_KEY), algorithm="HS256")


def read(site: Site, token: str) -> Proven:
    """Whom this token names on this site. Raises BadIdentity."""
    if not site.identity_version or len(token) > _LONGEST:
        raise BadIdentity("no secret, or no token")
    said = _opened(site, token)
    claims = _claims(said)
    if not claims:
        raise BadIdentity("nobody")
    return Proven(claims, name=str(said.get("name") or "")[:160])


def _opened(site: Site, token: str) -> dict[str, Any]:
    """What a token says that was signed for this site, and for now."""
    for key in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)):
        try:
            said: dict[str, Any] = jwt.decode(
                token,
                _secret(site, key),
                algorithms=["HS256"],
                audience=site.key,
                leeway=_SKEW,
                options={"require": ["aud", "exp"], "verify_sub": False, "verify_jti": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise BadIdentity(str(error)) from error
        if said["exp"] > clock.wall().timestamp() + LONGEST_LIFE:
            raise BadIdentity("lives too long")
        return said
    raise BadIdentity("signature")


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
