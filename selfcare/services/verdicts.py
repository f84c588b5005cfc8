"""Asked, or why not: the reasons, in the order in which people would say them."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from crm.models import Consent, Interaction, Message, Subject
from crm.services import customers
from selfcare.models import CallbackAttempt, Survey, SurveyInvitation, SurveyVersion

Verdict = SurveyInvitation.Verdict
Outcome = Interaction.Outcome


def survey_for(interaction: Interaction) -> Survey | None:
    """The first in order that fits."""
    about = interaction.real_subject or interaction.subject
    branch = _branch(about and about.current)
    in_use = Survey.objects.filter(is_active=True).prefetch_related("queues", "subjects")
    return next((survey for survey in in_use if survey.fits(interaction, branch)), None)


def _branch(subject: Subject | None) -> set[int]:
    above: set[int] = set()
    while subject is not None and subject.pk not in above:
        above.add(subject.pk)
        subject = subject.parent
    return above


def verdict(interaction: Interaction, survey: Survey | None, at: datetime) -> str:
    """Asked, or the first reason not to."""
    if survey is None:
        return Verdict.NO_SURVEY
    for reason, holds in _REASONS:
        if holds(interaction, survey, at):
            return reason
    return Verdict.SENT


def left_out(interaction: Interaction, version: SurveyVersion, at: datetime) -> list[str]:
    """The questions with a rhythm of their own that this customer was asked too recently."""
    survey = version.survey
    rhythms = {"effort": survey.effort_days, "recommendation": survey.recommendation_days}
    return [
        question["key"]
        for question in version.questions
        if (days := rhythms.get(question["kind"]))
        and _asked(interaction, at - timedelta(days=days))
        .filter(version__questions__contains=[{"kind": question["kind"]}])
        .exclude(left_out__contains=[question["key"]])
        .exists()
    ]


def _asked(interaction: Interaction, since: datetime) -> QuerySet[SurveyInvitation]:
    """What else this customer was asked, or is about to be."""
    return SurveyInvitation.objects.filter(
        customer=interaction.customer, verdict=Verdict.SENT, due_at__gt=since
    ).exclude(interaction=interaction)


def _is_test(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """A colleague who tried the portal."""
    user = interaction.customer.user
    return bool(user and user.is_staff)


def _is_robot(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """The customers whom the demo imagines are asked in the demo only."""
    return interaction.customer.is_simulated and not settings.DEMO


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


def objected(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return Consent.objects.last_word(interaction.customer, Consent.Purpose.SURVEY) is False


def _asked_recently(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return _asked(interaction, at - timedelta(days=survey.rest_days)).exists()


def _has_no_address(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    return interaction.channel != "chat" and address(interaction) is None


def address(interaction: Interaction) -> str | None:
    callback = getattr(interaction, "callback", None)
    return (callback.mail if callback else "") or customers.mail_address(interaction.customer)


def _not_drawn(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """Drawn by the interaction's number, so that asking again gives the same answer."""
    drawn = zlib.crc32(f"{survey.pk}:{interaction.pk}".encode()) % 100
    return drawn >= survey.sample_percent


def _was_hard(interaction: Interaction, survey: Survey, at: datetime) -> bool:
    """Abuse, distress, fraud: not even when it was lifted."""
    return interaction.hard_moments.exists()


def _ended(outcome: str) -> Callable[[Interaction, Survey, datetime], bool]:
    return lambda interaction, survey, at: interaction.outcome == outcome


_REASONS: list[tuple[str, Callable[[Interaction, Survey, datetime], bool]]] = [
    (Verdict.SPAM, _ended(Outcome.SPAM)),
    (Verdict.TEST, _is_test),
    (Verdict.ROBOT, _is_robot),
    (Verdict.HARD, _was_hard),
    (Verdict.HANDED_ON, _ended(Outcome.HANDED_ON)),
    (Verdict.MERGED, _ended(Outcome.MERGED)),
    (Verdict.ABANDONED, _ended(Outcome.ABANDONED)),
    (Verdict.CANCELLED, _ended(Outcome.CANCELLED)),
    (Verdict.NOT_REACHED, _ended(Outcome.EXPIRED)),
    (Verdict.TRIVIAL, _had_no_exchange),
    (Verdict.OPTED_OUT, objected),
    (Verdict.NO_ADDRESS, _has_no_address),
    (Verdict.REST_PERIOD, _asked_recently),
    (Verdict.SAMPLED_OUT, _not_drawn),
]
