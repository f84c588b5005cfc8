"""What was looked for and read in the help, and who then asked somebody all the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.translation import get_language

from crm.models import VisitStep
from crm.reports.cut import Cut
from crm.reports.dimensions import seconds
from selfcare.models import Article, Translation, Vote
from selfcare.reports.visits import OF_STEP

MOST = 15
_AFTERWARDS = 30 * 60  # seconds: who asks within them asks because of it
Kind = VisitStep.Kind


@dataclass(frozen=True)
class Read:
    """One article."""

    title: str
    article: int | None  # None: it is gone
    readings: int
    asked: int  # after which the same visit asked for somebody
    helped: int
    votes: int

    @property
    def helped_share(self) -> float | None:
        return self.helped / self.votes if self.votes else None

    @property
    def asked_share(self) -> float:
        return self.asked / self.readings


def articles(cut: Cut) -> list[Read]:
    """The most read first. Four queries."""
    asks = VisitStep.objects.filter(
        visit=OuterRef("visit"),
        kind=Kind.ASK,
        at__gte=OuterRef("at"),
        at__lte=OuterRef("at") + seconds(_AFTERWARDS),
    )
    steps = VisitStep.objects.filter(
        kind=Kind.ARTICLE, at__gte=cut.period.start, at__lt=cut.period.end
    )
    found = (
        cut.narrow(steps, OF_STEP)
        .annotate(asked=Exists(asks))
        .order_by()
        .values("target")
        .annotate(n=Count("pk"), went=Count("pk", filter=Q(asked=True)), title=Max("label"))
        .order_by("-n", "target")[:MOST]
    )
    rows: list[Any] = list(found)
    known = dict(
        Article.objects.filter(external_id__in=[row["target"] for row in rows]).values_list(
            "external_id", "pk"
        )
    )
    titles = _titles(known.values())
    votes = _votes(cut, known.values())
    return [
        Read(titles.get(key, row["title"]), key, row["n"], row["went"], *votes.get(key, (0, 0)))
        for row in rows
        for key in [known.get(row["target"])]
    ]


def _titles(articles: Iterable[int]) -> dict[int | None, str]:
    """In the reader's language, where they are written in it."""
    rows = Translation.objects.in_language((get_language() or "fr")[:2])
    return dict(rows.filter(article__in=articles).values_list("article", "title"))


def _votes(cut: Cut, articles: Iterable[int]) -> dict[int | None, tuple[int, int]]:
    """{article: (helped, votes)} of these days, in all languages."""
    rows = Vote.objects.filter(
        translation__article__in=articles, at__gte=cut.period.start, at__lt=cut.period.end
    )
    found = (
        rows.order_by()
        .values("translation__article")
        .annotate(n=Count("pk"), good=Count("pk", filter=Q(helpful=True)))
    )
    return {row["translation__article"]: (row["good"], row["n"]) for row in found}
