"""The installation's own fields of an exchange."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.models import Interaction
from crm.services import own_fields

from .base import locked, nudge


@transaction.atomic
def fill(interaction: Interaction, values: Mapping[str, Any]) -> Interaction:
    """Set own fields, also of a closed one; those not named stay. Raises BadOwnFields."""
    row = locked(interaction)
    own_fields.assign(row, values)
    row.save(update_fields=["own", "own_terms"])
    nudge(row)
    return row
