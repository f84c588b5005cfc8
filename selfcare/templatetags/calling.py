"""What the call sheet shows of a callback."""

from typing import Any

from django import template
from django.utils.translation import get_language

from crm import clock
from crm.models import Interaction, Status
from selfcare.models import Callback, CallbackAttempt
from selfcare.models.callback import PROMPT
from selfcare.services import call_rules, promises, words, zones

register = template.Library()


@register.simple_tag
def call_sheet(interaction: Interaction) -> dict[str, Any] | None:
    callback = (
        Callback.objects.filter(pk=interaction.pk).select_related("interaction__queue").first()
    )
    if callback is None:
        return None
    rule = call_rules.of(callback.interaction.queue)
    attempts = list(callback.attempts.select_related("agent"))
    due = callback.slot_end or callback.promised_at + PROMPT
    return {
        "callback": callback,
        "number": words.phone(callback.phone),
        "promise": promises.in_words(callback, get_language() or "fr"),
        "late": not attempts and interaction.status != Status.CLOSED and clock.now() > due,
        "attempts": attempts,
        "running": any(attempt.ended_at is None for attempt in attempts),
        "outcomes": CallbackAttempt.Outcome.choices,
        "inbound": callback.direction == Callback.Direction.INBOUND,
        "most": rule.most_attempts,
        "hints": rule.hints(interaction.language),
        "before": _before(interaction),
        "theirs": words.hour(clock.now(), get_language() or "fr", callback.time_zone)
        if zones.title(callback.time_zone)
        else "",
        "place": zones.title(callback.time_zone),
    }


@register.filter
def promise(callback: Callback) -> str:
    return promises.in_words(callback, get_language() or "fr")


def _before(interaction: Interaction) -> list[Interaction]:
    """Their last three exchanges: what the adviser should know before it rings."""
    earlier = Interaction.objects.filter(customer=interaction.customer_id)
    return list(earlier.exclude(pk=interaction.pk).select_related("subject")[:3])
