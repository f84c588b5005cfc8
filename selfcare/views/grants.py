"""What this browser may open without being somebody: given by a signed link, for two hours.

A link is exchanged at once for a grant in the session and a clean address, so that it stays in no
history, no referrer and no shared screen."""

import time

from django.http import HttpRequest

_SECONDS = 2 * 60 * 60
_KEY = "links"
_MOST = 20  # grants kept per browser


def grant(request: HttpRequest, purpose: str, pk: int) -> None:
    """From now on this browser may open that one row."""
    until = int(time.time()) + _SECONDS
    grants = {**_alive(request), f"{purpose}:{pk}": until}
    request.session[_KEY] = dict(list(grants.items())[-_MOST:])


def granted(request: HttpRequest, purpose: str, pk: int) -> bool:
    return f"{purpose}:{pk}" in _alive(request)


def granted_keys(request: HttpRequest, purpose: str) -> list[int]:
    """The rows of that kind this browser may open."""
    names = (key.partition(":") for key in _alive(request))
    return [int(pk) for kind, _colon, pk in names if kind == purpose]


def _alive(request: HttpRequest) -> dict[str, int]:
    now = time.time()
    return {key: until for key, until in request.session.get(_KEY, {}).items() if until > now}
