"""What became of a row."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.models import ImportRow, OwnField
from crm.services import own_fields

Outcome = ImportRow.Outcome


class Refused(ValueError):
    """One row, with the sentence for people."""


def note(row: ImportRow, outcome: str, message: str = "") -> None:
    """Set, not saved."""
    row.outcome, row.message = outcome, message[:300]


def refused_own(error: own_fields.BadOwnFields, definitions: Sequence[OwnField]) -> Refused:
    """With the fields' names for people."""
    names = {field.key: field.name for field in definitions}
    return Refused(" ".join(
        _("%(field)s: %(why)s") % {"field": names.get(key, key), "why": why}
        for key, why in error.errors.items()
    ))  # fmt: skip


def no_key() -> Refused:
    return Refused(_("Its key is missing."))
