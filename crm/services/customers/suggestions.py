"""Two records that may be one person: written down, decided by people."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from crm import clock
from crm.models import Customer, MergeSuggestion, User

# with more of them a name says nothing
_MOST_NAMESAKES = 3


@transaction.atomic
def suggest(one: Customer, other: Customer, reason: str) -> MergeSuggestion | None:
    """Write down why these may be one person. Said again, nothing changes; a new reason brings
    back what was set aside."""
    if one.pk == other.pk:
        return None
    elder, younger = sorted([one.pk, other.pk])
    row, made = MergeSuggestion.objects.get_or_create(
        elder_id=elder, younger_id=younger, defaults={"reasons": [str(reason)]}
    )
    if not made:
        row = MergeSuggestion.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if reason not in row.reasons:
            row.reasons = [*row.reasons, str(reason)]
            row.dismissed_at = row.dismissed_by = None
            row.save()
    return row


def suggest_namesakes(made: Sequence[Customer]) -> None:
    """New records with the first and last name of a known one, or of one another."""
    keys = {customer.name_key for customer in made if customer.first_name and customer.last_name}
    held: dict[str, list[int]] = defaultdict(list)
    known = Customer.objects.filter(name_key__in=keys).order_by("pk")
    for name, key in known.values_list("name_key", "pk"):
        held[name].append(key)
    pairs = {
        (min(customer.pk, other), max(customer.pk, other))
        for customer in made
        for other in held[customer.name_key]
        if len(held[customer.name_key]) <= _MOST_NAMESAKES + 1 and other != customer.pk
    }
    # they are new: nobody has written anything down about them yet
    MergeSuggestion.objects.bulk_create(
        MergeSuggestion(
            elder_id=elder, younger_id=younger, reasons=[str(MergeSuggestion.Reason.SAME_NAME)]
        )
        for elder, younger in sorted(pairs)
    )


def open_suggestions(customer: Customer | None = None) -> QuerySet[MergeSuggestion]:
    """What nobody has decided yet, of records that are both still there."""
    rows = MergeSuggestion.objects.filter(
        dismissed_at=None, elder__merged_into=None, younger__merged_into=None
    )
    if customer is not None:
        rows = rows.filter(Q(elder=customer) | Q(younger=customer))
    return rows.select_related("elder", "younger")


def dismiss(suggestion: MergeSuggestion, *, by: User | None) -> None:
    """They are two people; the same reason does not bring it up again."""
    MergeSuggestion.objects.filter(pk=suggestion.pk, dismissed_at=None).update(
        dismissed_at=clock.now(), dismissed_by=by
    )
