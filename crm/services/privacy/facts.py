"""What reports need of exchanges whose person or words go: counted while it can be."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q

from crm.models import Customer, Interaction, InteractionFact, Subject, VisitStep


def keep(customer: Customer) -> None:
    """Store the facts of all exchanges of one customer; what is stored already stays."""
    rows = list(
        Interaction.objects.filter(customer=customer)
        .order_by("opened_at", "pk")
        .values_list("pk", "opened_at", "closed_at", "real_subject", "subject", "visit")
    )
    second = _second_level()
    steps = _steps({row[5] for row in rows if row[5]})
    facts = []
    for place, (key, opened, closed, real, asked, visit) in enumerate(rows):
        about = second.get(real or asked)
        later = (
            row[1] for row in rows[place + 1 :] if about and second.get(row[3] or row[4]) == about
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


def _days(since: datetime, later: Iterable[datetime]) -> float | None:
    first = next(iter(later), None)
    return None if first is None else max(0.0, (first - since).total_seconds() / 86_400)


def _second_level() -> dict[int | None, int]:
    """Subject → its ancestor on the second level of the tree, or itself above."""
    parents = dict(Subject.objects.values_list("pk", "parent"))
    found: dict[int | None, int] = {}
    for key in parents:
        path = [key]
        while parents.get(path[-1]) and len(path) < 20:
            path.append(parents[path[-1]])  # type: ignore[arg-type]
        found[key] = path[-2] if len(path) > 1 else path[-1]
    return found


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
