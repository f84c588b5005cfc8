"""What the call sheet shows of a callback."""

from typing import Any

from django import template
from django.utils.translation import get_language

from crm import clock
from crm.models import Interaction, Status
from selfcare.models import Callback, CallbackAttempt
from selfcare.models.callback import PROMPT
from selfcare.services import promises, words

register = template.Library()


@register.simple_tag
def call_sheet(interaction: Interaction) -> dict[str, Any] | None:
    callback = Callback.objects.filter(pk=interaction.pk).select_related("interaction").first()
    if callback is None:
        return None
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
    }
