"""What reports need of exchanges whose person or words go: counted while it can be."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from crm.models import Customer, Interaction, InteractionFact, Subject, Visit, VisitStep


def keep(customer: Customer) -> None:
    """Store the facts of all exchanges of one customer; what is stored already stays."""
    counts = Q(offered_at__isnull=False) & ~Q(outcome__in=Interaction.NOT_COUNTED)
    rows = list(
        Interaction.objects.filter(customer=customer)
        .annotate(counts=counts)
        .order_by("opened_at", "pk")
        .values_list(
            "pk",
            "opened_at",
            "closed_at",
            "real_subject",
            "subject",
            "visit",
            "continues",
            "counts",
        )
    )
    second = Subject.objects.second_level()
    steps = _steps({row[5] for row in rows if row[5]})
    facts = []
    for place, (key, opened, closed, real, asked, visit, _from, _counts) in enumerate(rows):
        about = second.get(real or asked)
        later = (
            row[1]
            for row in rows[place + 1 :]
            if about and second.get(row[3] or row[4]) == about and row[6] != key and row[7]
        )
        searches, articles = steps.get(visit, (0, 0))
        facts.append(
            InteractionFact(
                interaction_id=key,
                back_after_days=_days(closed or opened, later),
                earlier=place,
                searches=min(searches, 32_000),
                articles=min(articles, 32_000),
            )
        )
    InteractionFact.objects.bulk_create(facts, batch_size=1000, ignore_conflicts=True)


def keep_asking(keys: Sequence[int]) -> None:
    """Their visits say themselves that somebody was asked for, before the link to them goes. When
    is not said: it would find the link again."""
    asked = Visit.objects.filter(interactions__in=keys, interactions__offered_at__isnull=False)
    said = VisitStep.objects.filter(visit=OuterRef("pk"), kind=VisitStep.Kind.ASK)
    silent = asked.filter(~Exists(said))
    VisitStep.objects.bulk_create(
        VisitStep(visit=visit, kind=VisitStep.Kind.ASK, label="", at=visit.last_at)
        for visit in silent.distinct()
    )


def _days(since: datetime, later: Iterable[datetime]) -> float | None:
    first = next(iter(later), None)
    return None if first is None else max(0.0, (first - since).total_seconds() / 86_400)


def _steps(visits: set[int]) -> dict[int | None, tuple[int, int]]:
    kinds = VisitStep.Kind
    rows = (
        VisitStep.objects.filter(visit__in=visits)
        .values("visit")
        .annotate(
            searches=Count("pk", filter=Q(kind=kinds.SEARCH)),
            articles=Count("pk", filter=Q(kind=kinds.ARTICLE)),
        )
    )
    return {row["visit"]: (row["searches"], row["articles"]) for row in rows}
