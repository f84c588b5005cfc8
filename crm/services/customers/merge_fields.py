"""The fields of two records side by side, and whose value the merged one gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.models import Customer, OwnField
from crm.services import own_fields

KEPT, GONE = "kept", "gone"
# compared and copied by the column's name; choosing an organisation takes how it came about along
COLUMNS = ["civility", "first_name", "last_name", "language", "time_zone", "town"]
OWN = "own."


class BadChoice(ValueError):
    """Not a field of these records, or neither of the two sides."""


@dataclass(frozen=True)
class Side:
    """One field of both records, in words, and which value is proposed."""

    name: str
    label: str
    kept: str
    gone: str
    chosen: str

    @property
    def differs(self) -> bool:
        return self.kept != self.gone


def side_by_side(kept: Customer, gone: Customer) -> list[Side]:
    """Every field that one of them has; what the kept record lacks is taken from the other."""
    fields = own_fields.definitions(OwnField.About.CUSTOMER)
    ours, theirs = _words(kept, fields), _words(gone, fields)
    names = labels(fields)
    return [
        Side(
            name,
            names[name],
            ours[name],
            theirs[name],
            GONE if theirs[name] and not ours[name] else KEPT,
        )
        for name in names
        if ours[name] or theirs[name]
    ]


def labels(fields: list[OwnField] | None = None) -> dict[str, str]:
    """Each field's name for people, in the order of the page."""
    if fields is None:
        fields = own_fields.definitions(OwnField.About.CUSTOMER)

    def title(name: str) -> str:
        return str(Customer._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]

    columns = {name: title(name) for name in [*COLUMNS, "organisation", "user"]}
    return columns | {OWN + field.key: field.name for field in fields}


def _words(customer: Customer, fields: list[OwnField]) -> dict[str, str]:
    words = {name: str(getattr(customer, name)) for name in COLUMNS}
    words["civility"] = str(customer.get_civility_display()) if customer.civility else ""
    words["language"] = _("English") if customer.language == "en" else _("French")
    words["organisation"] = str(customer.organisation or "")
    words["user"] = customer.user.email if customer.user else ""
    for field in fields:
        words[OWN + field.key] = own_fields.display(field, customer.own.get(field.key))
    return words


def values(customer: Customer) -> dict[str, Any]:
    """All that a merge may change on a record, as the journal keeps it."""
    return {
        **{name: getattr(customer, name) for name in COLUMNS},
        "organisation": [customer.organisation_id, customer.joined_by],
        "user": customer.user_id,
        **{OWN + key: value for key, value in customer.own.items()},
    }


def chosen(kept: Customer, gone: Customer, choices: Mapping[str, str]) -> dict[str, Any]:
    """The values of the merged record. Raises BadChoice."""
    sides = {side.name: side.chosen for side in side_by_side(kept, gone)}
    if bad := {n for n, side in choices.items() if n not in sides or side not in (KEPT, GONE)}:
        raise BadChoice(", ".join(sorted(bad)))
    sides |= choices
    mine, theirs = values(kept), values(gone)
    result = dict(mine)
    for name, side in sides.items():
        if side == GONE:
            result[name] = theirs.get(name)
    return result


def write(customer: Customer, result: Mapping[str, Any]) -> None:
    """Put values on a record, unsaved."""
    own = dict(customer.own)
    for name, value in result.items():
        if name in COLUMNS:
            setattr(customer, name, value)
        elif name == "organisation":
            customer.organisation_id, customer.joined_by = value
        elif name == "user":
            customer.user_id = value
        elif value is None:
            own.pop(name.removeprefix(OWN), None)
        else:
            own[name.removeprefix(OWN)] = value
    own_fields.set_all(customer, own)
