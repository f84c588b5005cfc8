"""Reply templates: which are offered, and how their words are filled in."""

import re
from collections.abc import Mapping

from django.db.models import Q, QuerySet

from crm.models import Agent, Interaction, ReplyTemplate

_NAME = re.compile(r"\{(\w+)\}")


def offered(interaction: Interaction) -> QuerySet[ReplyTemplate]:
    """Those in use, of its queue or of all, that are written in its customer's language."""
    written = ~Q(text_en="") if interaction.language.startswith("en") else ~Q(text_fr="")
    where = Q(queue=None) | Q(queue=interaction.queue_id)
    return ReplyTemplate.objects.filter(where, written, is_active=True)


def filled(template: ReplyTemplate, interaction: Interaction, agent: Agent | None) -> str:
    """For this customer; a name that is none stays as it is written."""
    known = {
        "name": interaction.customer.addressed(interaction.language) or str(interaction.customer),
        "reference": interaction.reference,
        "title": interaction.title,
        "agent": agent.display_name if agent else "",
    }
    return with_values(template.text(interaction.language), known)


def with_values(text: str, known: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: known.get(found[1], found[0]), text)
