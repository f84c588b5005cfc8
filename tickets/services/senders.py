"""From which address each exchange came: undoing a merge asks."""

from collections.abc import Collection

from crm.services import customers
from tickets.models import Mail


def senders(interaction_ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """From which address each exchange's first mail came (crm.registry.Senders)."""
    first = (
        Mail.objects.filter(interaction__in=interaction_ids, direction=Mail.Direction.IN)
        .order_by("interaction_id", "pk")
        .distinct("interaction_id")
    )
    found = {}
    for mail in first:
        try:
            found[mail.interaction_id] = {("mail", customers.normalise("mail", mail.from_email))}
        except customers.BadIdentity:
            continue
    return {key: pairs for key, pairs in found.items() if key is not None}
