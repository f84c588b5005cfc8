"""The exchange's own fields, as the desk sees and fills them."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction, OwnField
from crm.services import interactions, own_fields

from .refusal import Refusal


def fields() -> list[dict[str, Any]]:
    """What the desk's form is made of."""
    return [
        {
            "key": field.key,
            "label": field.name,
            "kind": field.kind,
            "choices": field.choices,
            "help": field.help_text,
        }
        for field in own_fields.definitions(OwnField.About.INTERACTION)
    ]


def fill(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Whoever sees the exchange may: a colleague knows what its holder does not."""
    try:
        values = json.loads(request.POST.get("own", ""))
        interactions.fill(row, dict(values))
    except own_fields.BadOwnFields as error:
        raise Refusal("malformed", " ".join(error.errors.values()), 400) from error
    except (TypeError, ValueError) as error:
        raise Refusal("malformed", _("There is nothing to keep."), 400) from error
