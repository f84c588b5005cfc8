"""What somebody reads and searches, recorded as they go."""

import secrets
from datetime import datetime

from crm import clock
from crm.models import Visit, VisitStep

_MAX_STEPS = 500  # a visit that goes on longer is a robot's


def new_key() -> str:
    return secrets.token_urlsafe(24)


def visit(
    key: str, *, site_key: str = "", language: str = "fr", device: str = "", referrer: str = ""
) -> Visit:
    """The visit with this key, begun now if it is new."""
    at = clock.now()
    found, _made = Visit.objects.get_or_create(
        key=key[:43],
        defaults={
            "site_key": site_key[:40],
            "language": language[:5],
            "device": device or Visit.Device.DESKTOP,
            "referrer": referrer[:500],
            "started_at": at,
            "last_at": at,
        },
    )
    return found


def step(
    visit: Visit,
    kind: str,
    label: str,
    *,
    target: str = "",
    value: int | None = None,
    at: datetime | None = None,
) -> VisitStep | None:
    """Record one thing done in the visit. None when the visit holds more than a person does."""
    at = at or clock.now()
    if visit.steps.count() >= _MAX_STEPS:
        return None
    made = VisitStep.objects.create(
        visit=visit, kind=kind, label=label[:300], target=target[:500], value=value, at=at
    )
    Visit.objects.filter(pk=visit.pk, last_at__lt=at).update(last_at=at)
    return made


def device_of(user_agent: str) -> str:
    """Desktop, mobile or tablet, from the browser's own word."""
    agent = user_agent.lower()
    if "ipad" in agent or "tablet" in agent or ("android" in agent and "mobile" not in agent):
        return Visit.Device.TABLET
    if "mobi" in agent or "iphone" in agent:
        return Visit.Device.MOBILE
    return Visit.Device.DESKTOP
