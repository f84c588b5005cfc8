"""What became of an article: read, judged, left for a person, and the searches that led to it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from crm import clock
from crm.models import VisitStep
from selfcare.models import Article, Vote
from selfcare.services.failed_searches import is_personal

DAYS = 30
_AT_MOST = 5000  # readings looked at
_AFTERWARDS = timedelta(minutes=30)  # an exit to contact comes within
Kind = VisitStep.Kind


@dataclass
class Figures:
    """One article, the last 30 days."""

    views: int = 0
    seconds: int | None = None  # of the middle reading
    helped: int = 0
    not_helped: int = 0
    reasons: list[Vote] = field(default_factory=list)
    exits: int = 0  # readings after which the same visit asked for somebody
    searches: list[tuple[str, int]] = field(default_factory=list)


def of(article: Article, *, at: datetime | None = None) -> Figures:
    """Five queries, however much it is read."""
    since = (at or clock.now()) - timedelta(days=DAYS)
    votes = Vote.objects.filter(translation__article=article, at__gte=since)
    verdicts = Counter(votes.values_list("helpful", flat=True))
    readings = _readings(article, since)
    rows: list[Any] = list(readings.values_list("value", "left", "found_by")[:_AT_MOST])
    seconds = sorted(value for value, _left, _text in rows if value)
    texts = Counter(
        text.strip().lower() for _value, _left, text in rows if text and not is_personal(text)
    )
    return Figures(
        views=readings.count(),
        seconds=seconds[len(seconds) // 2] if seconds else None,
        helped=verdicts[True],
        not_helped=verdicts[False],
        reasons=list(votes.exclude(reason="").select_related("translation")[:20]),
        exits=sum(left for _value, left, _text in rows),
        searches=texts.most_common(10),
    )


def _readings(article: Article, since: datetime) -> QuerySet[Any]:
    """With whether the visit then asked for somebody, and the search just before."""
    asked = VisitStep.objects.filter(
        visit=OuterRef("visit"),
        kind=Kind.ASK,
        at__gte=OuterRef("at"),
        at__lte=OuterRef("at") + _AFTERWARDS,
    )
    before = VisitStep.objects.filter(visit=OuterRef("visit"), at__lte=OuterRef("at"))
    before = before.exclude(pk=OuterRef("pk")).order_by("-at", "-pk")
    search = before.filter(kind=Kind.SEARCH, at__gte=OuterRef("at") - timedelta(minutes=10))
    return (
        VisitStep.objects.filter(kind=Kind.ARTICLE, target=article.external_id, at__gte=since)
        .annotate(left=Exists(asked), found_by=Subquery(search.values("label")[:1]))
        .order_by("-at")
    )
