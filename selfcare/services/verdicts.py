"""Asked, or why not: the reasons, in the order in which people would say them."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

from crm.models import Consent, Interaction, Message
from crm.services import customers
from selfcare.models import CallbackAttempt, Survey, SurveyInvitation

Verdict = SurveyInvitation.Verdict
Outcome = Interaction.Outcome


def verdict(interaction: Interaction, survey: Survey | None, at: datetime) -> str:
    """Asked, or the first reason not to."""
    if survey is None:
        return Verdict.NO_SURVEY
    for reason, holds in _REASONS:
        if holds(interaction, survey, at):
            return reason
    return Verdict.SENT


def _is_test(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """A colleague who tried the portal. The demo's simulated customers are asked like others."""
    user = interaction.customer.user
    return bool(user and user.is_staff)


def _had_no_exchange(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """One side never said a word, or the customer fell silent."""
    if interaction.outcome == Outcome.SILENT:
        return True
    if interaction.channel == "callback":
        return not CallbackAttempt.objects.filter(
            callback=interaction.pk, outcome=CallbackAttempt.Outcome.REACHED
        ).exists()
    spoken = set(
        interaction.messages.filter(kind=Message.Kind.TEXT)
        .exclude(author=Message.Author.SYSTEM)
        .values_list("author", flat=True)
    )
    return len(spoken) < 2


def _objected(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return Consent.objects.last_word(interaction.customer, Consent.Purpose.SURVEY) is False


def _asked_recently(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return (
        SurveyInvitation.objects.filter(
            customer=interaction.customer,
            verdict=Verdict.SENT,
            due_at__gt=at - timedelta(days=survey.rest_days),
        )
        .exclude(interaction=interaction)
        .exists()
    )


def _has_no_address(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return interaction.channel != "chat" and address(interaction) is None


def address(interaction: Interaction) -> str | None:
    callback = getattr(interaction, "callback", None)
    return (callback.mail if callback else "") or customers.mail_address(interaction.customer)


def _left_out(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """Drawn by the interaction's number, so that asking again gives the same answer."""
    drawn = zlib.crc32(f"{survey.pk}:{interaction.pk}".encode()) % 100
    return drawn >= survey.sample_percent


def _ended(outcome: str) -> Callable[[Interaction, Survey, datetime], bool]:
    return lambda interaction, survey, at: interaction.outcome == outcome


_REASONS: list[tuple[str, Callable[[Interaction, Survey, datetime], bool]]] = [
    (Verdict.SPAM, _ended(Outcome.SPAM)),
    (Verdict.TEST, _is_test),
    (Verdict.HANDED_ON, _ended(Outcome.HANDED_ON)),
    (Verdict.MERGED, _ended(Outcome.MERGED)),
    (Verdict.ABANDONED, _ended(Outcome.ABANDONED)),
    (Verdict.CANCELLED, _ended(Outcome.CANCELLED)),
    (Verdict.NOT_REACHED, _ended(Outcome.EXPIRED)),
    (Verdict.TRIVIAL, _had_no_exchange),
    (Verdict.OPTED_OUT, _objected),
    (Verdict.NO_ADDRESS, _has_no_address),
    (Verdict.REST_PERIOD, _asked_recently),
    (Verdict.SAMPLED_OUT, _left_out),
]
