"""Which number and address each callback was asked for with: undoing a merge asks."""

from collections.abc import Collection

from crm.models import Identity
from selfcare.models import Callback


def senders(interaction_ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """Which number and address each callback was asked for with (crm.registry.Senders)."""
    rows = Callback.objects.filter(pk__in=interaction_ids).values_list("pk", "phone", "mail")
    return {
        key: {(Identity.Kind.PHONE, phone)}
        | ({(Identity.Kind.MAIL, mail.lower())} if mail else set())
        for key, phone, mail in rows
    }
