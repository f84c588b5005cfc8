"""What is known of a visitor: the page's word, and what the visit has recorded."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q

from chat.models import Site
from chat.models.conditions import Known
from crm.models import Visit, VisitStep

from .page import Page

_FRESH = timedelta(minutes=10)  # an unlucky search is worth an invitation for so long
_Kind = VisitStep.Kind


def known(site: Site, visit: Visit | None, page: Page, at: datetime, *, language: str) -> Known:
    """On our portal the session carries the visit, so its steps count; elsewhere the page's own
    memory, which is only worth something with consent."""
    steps = list(_recent(visit, at)) if visit else []
    seen, since, returning = page.pages, page.site_seconds, page.returning
    if visit and site.is_portal:
        counted = visit.steps.aggregate(
            n=Count("pk", filter=Q(kind__in=[_Kind.PAGE, _Kind.ARTICLE]))
        )
        seen = max(seen, counted["n"])
        since = max(since, int((at - visit.started_at).total_seconds()))
        returning = returning or _came_before(visit)
    return Known(
        at=at.astimezone(ZoneInfo(settings.TIME_ZONE)),
        url=page.url,
        seconds=page.seconds,
        site_seconds=since,
        pages=seen,
        scroll=page.scroll,
        leaving=page.leaving,
        search_failed=_last_search_failed(steps) or "search_failed" in page.events,
        voted_down=any(s.kind == _Kind.VOTE and (s.value or 0) <= 0 for s in steps)
        or "voted_down" in page.events,
        referrer=page.referrer,
        returning=returning,
        device=visit.device if visit else Visit.Device.DESKTOP,
        language=language[:2],
        data=page.data,
        events=frozenset(page.events),
        memory=remembers(site, visit, page),
    )


def remembers(site: Site, visit: Visit | None, page: Page) -> bool:
    return page.consent or (site.is_portal and visit is not None)


def _recent(visit: Visit, at: datetime) -> list[VisitStep]:
    kinds = [_Kind.SEARCH, _Kind.VOTE]
    return list(visit.steps.filter(kind__in=kinds, at__gte=at - _FRESH).order_by("at", "pk"))


def _last_search_failed(steps: list[VisitStep]) -> bool:
    searches = [step for step in steps if step.kind == _Kind.SEARCH]
    return bool(searches) and searches[-1].value == 0


def _came_before(visit: Visit) -> bool:
    earlier = Visit.objects.filter(customer=visit.customer_id, started_at__lt=visit.started_at)
    return visit.customer_id is not None and earlier.exists()
