"""What became of a row."""

from django.utils.translation import gettext as _

from crm.models import ImportRow
from crm.services import own_fields

Outcome = ImportRow.Outcome


class Refused(ValueError):
    """One row, with the sentence for people."""


def note(row: ImportRow, outcome: str, message: str = "") -> None:
    """Set, not saved."""
    row.outcome, row.message = outcome, message[:300]


def refused_own(error: own_fields.BadOwnFields) -> Refused:
    return Refused("; ".join(f"{key}: {why}" for key, why in error.errors.items()))


def no_key() -> Refused:
    return Refused(_("Its key is missing."))
