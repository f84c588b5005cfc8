"""What the closing dialog proposes, and why."""

from typing import Any

from django.utils.translation import gettext as _

from crm.models import Interaction
from crm.services import closing_code


def proposals(row: Interaction) -> list[dict[str, Any]]:
    return [
        {
            "id": one.subject.pk,
            "name": one.subject.name,
            "why": _("because of %(words)s") % {"words": ", ".join(one.words)},
            "sure": one.sure,
        }
        for one in closing_code.propose(row)
    ]
