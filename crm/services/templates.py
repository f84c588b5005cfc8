"""Reply templates: which are offered, how their words are filled in, how often they are used."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from crm import clock
from crm.models import Agent, Interaction, ReplyTemplate, ReplyUse

COUNTED = timedelta(days=90)  # uses longer ago say nothing of today's words
_NAME = re.compile(r"\{(\w+)\}")
_EVENING = 18


def offered(interaction: Interaction, at: datetime | None = None) -> QuerySet[ReplyTemplate]:
    """Those in use today, of its queue or of all, that are written in its customer's language; the
    most used first."""
    at = at or clock.now()
    written = ~Q(text_en="") if interaction.language.startswith("en") else ~Q(text_fr="")
    where = Q(queue=None) | Q(queue=interaction.queue_id)
    valid = ReplyTemplate.objects.valid(timezone.localdate(at))
    return with_uses(valid.filter(where, written), at).order_by("-used", "name")


def with_uses(templates: QuerySet[ReplyTemplate], at: datetime | None = None) -> QuerySet[Any]:
    """Each with `used` and `edited`: how often lately, and how often not as it is written."""
    lately = Q(uses__at__gt=(at or clock.now()) - COUNTED)
    return templates.annotate(
        used=Count("uses", filter=lately),
        edited=Count("uses", filter=lately & Q(uses__edited=True)),
    )


def use(template: ReplyTemplate, interaction: Interaction, *, client_id: str, edited: bool) -> None:
    """It left in an answer. Told twice with one key, it is counted once."""
    ReplyUse.objects.get_or_create(
        interaction=interaction,
        client_id=client_id,
        defaults={"template": template, "edited": edited},
    )


def choices(interaction: Interaction, agent: Agent | None) -> list[dict[str, Any]]:
    """What is offered, filled in."""
    return [
        {
            "id": one.pk,
            "name": one.name,
            "shortcut": one.shortcut,
            "text": filled(one, interaction, agent),
        }
        for one in offered(interaction)
    ]


def filled(
    template: ReplyTemplate,
    interaction: Interaction,
    agent: Agent | None,
    at: datetime | None = None,
) -> str:
    """For this customer, at this time of their day."""
    language = interaction.language
    known = {
        "greeting": greeting(language, at or clock.now()),
        "name": interaction.customer.addressed(language) or str(interaction.customer),
        "reference": interaction.reference,
        "title": interaction.title,
        "subject": interaction.subject.name_in(language) if interaction.subject else "",
        "queue": interaction.queue.name_in(language) if interaction.queue else "",
        "agent": agent.display_name if agent else "",
    }
    return with_values(template.text(language), known)


def greeting(language: str, at: datetime) -> str:
    evening = timezone.localtime(at).hour >= _EVENING
    if language.startswith("en"):
        return "Good evening" if evening else "Hello"
    return "Bonsoir" if evening else "Bonjour"


def with_values(text: str, known: Mapping[str, str]) -> str:
    """A name that is none stays as it is written."""
    return _NAME.sub(lambda found: known.get(found[1], found[0]), text)
