"""Which number and address each callback was asked for with: undoing a merge asks."""

from collections.abc import Collection

from crm.models import Identity
from selfcare.models import Callback


def senders(interaction_ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """As `crm.registry.Senders`; a hidden number is nobody's."""
    rows = Callback.objects.filter(pk__in=interaction_ids).values_list("pk", "phone", "mail")
    return {
        key: {
            (kind, value)
            for kind, value in ((Identity.Kind.PHONE, phone), (Identity.Kind.MAIL, mail.lower()))
            if value
        }
        for key, phone, mail in rows
    }
