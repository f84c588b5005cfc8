"""A row of a file: what its cells mean, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.models import ImportRow, OwnField
from crm.services import own_fields

from .fields import OWN

Outcome = ImportRow.Outcome


class Refused(ValueError):
    """One row, with the sentence for people."""


@dataclass(frozen=True)
class Line:
    row: ImportRow
    cells: list[tuple[str, str]]  # meaning and cell; empty cells say nothing and are left out

    @classmethod
    def of(cls, row: ImportRow, columns: list[str], mapping: dict[str, str]) -> "Line":
        pairs = zip(columns, row.values, strict=False)
        return cls(row, [(mapping[c], cell) for c, cell in pairs if cell and mapping.get(c)])

    def key(self, meaning: str) -> str:
        """Raises Refused."""
        if not (found := dict(self.cells).get(meaning)):
            raise Refused(_("Its key is missing."))
        return found

    def own(self) -> dict[str, str]:
        """Of own fields: key → cell."""
        return {
            meaning.removeprefix(OWN): cell
            for meaning, cell in self.cells
            if meaning.startswith(OWN)
        }

    def became(self, outcome: str, message: str = "") -> None:
        """Set, not saved."""
        self.row.outcome, self.row.message = outcome, message[:300]


def refused_own(error: own_fields.BadOwnFields, definitions: Sequence[OwnField]) -> Refused:
    """With the fields' names for people."""
    names = {field.key: field.name for field in definitions}
    return Refused(" ".join(
        _("%(field)s: %(why)s") % {"field": names.get(key, key), "why": why}
        for key, why in error.errors.items()
    ))  # fmt: skip
