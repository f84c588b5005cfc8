"""The visit behind a request: what somebody searched and read goes with them to the agent."""

import re
from typing import Any

from django.http import HttpRequest

from crm.models import Visit
from crm.services import customers, journeys

_KEY = "visit"  # in the session
_ROBOT = re.compile(r"bot\b|bot/|crawl|spider|slurp|preview|curl|wget|python|monitor", re.I)


def counts(request: HttpRequest) -> bool:
    """A person who needs help: no robot, nobody who works here."""
    agent = request.headers.get("User-Agent", "")
    return not _ROBOT.search(agent) and not request.user.is_staff


def key(request: HttpRequest) -> str:
    return str(request.session.get(_KEY, ""))


def present(request: HttpRequest) -> Visit | None:
    """The visit if one began: nothing is begun by looking around."""
    return Visit.objects.filter(key=key(request)).first() if key(request) else None


def begin(request: HttpRequest) -> Visit | None:
    """The visit, begun now if need be; None for those who do not count."""
    if not counts(request):
        return None
    if not key(request):
        request.session[_KEY] = journeys.new_key()
    found = journeys.visit(
        key(request),
        language=getattr(request, "LANGUAGE_CODE", "fr"),
        device=journeys.device_of(request.headers.get("User-Agent", "")),
        referrer=request.headers.get("Referer", ""),
    )
    if found.customer_id is None and (known := customers.of_account(request.user)):
        customers.attach_visit(found, known)
    return found


def step(request: HttpRequest, kind: str, label: str, **more: Any) -> Visit | None:
    visit = begin(request)
    if visit:
        journeys.step(visit, kind, label, **more)
    return visit
