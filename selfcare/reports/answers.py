"""Surveys, callbacks and incidents: the exchanges behind their figures."""

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Case, Value, When
from django.db.models.fields import CharField

from crm.models import Interaction
from crm.reports.cut import Cut
from crm.reports.figures import Exchanges
from crm.reports.period import Period
from selfcare.models import Callback, CallbackAttempt, IncidentLink, SurveyInvitation

Verdict, State = SurveyInvitation.Verdict, SurveyInvitation.State
_ANSWER = "survey_invitation__answer"


def decided(cut: Cut) -> Exchanges:
    """Exchanges that have a survey's verdict."""
    return cut.exchanges().filter(survey_invitation__isnull=False)


ASKED = Q(survey_invitation__state__in=[State.SENT, State.ANSWERED])
BLIND = Q(survey_invitation__verdict=Verdict.NO_ADDRESS)


def asked(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(ASKED)


ANSWERED = Q(survey_invitation__state=State.ANSWERED)


def effort(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(**{f"{_ANSWER}__effort__isnull": False})


def recommendation(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(**{f"{_ANSWER}__recommendation__isnull": False})


def declared(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(**{f"{_ANSWER}__solved__isnull": False})


DECLARED_SOLVED = Q(**{f"{_ANSWER}__solved": True})


def promised_calls(cut: Cut) -> Exchanges:
    """Callbacks that we owed, with whether the first attempt was `punctual`. Who cancelled before
    we dialled is owed nothing."""
    attempts = CallbackAttempt.objects.filter(callback=OuterRef("pk"))
    punctual = Q(started_at__gte=F("promised_at"), started_at__lte=F("promised_until"))
    earlier = CallbackAttempt.objects.filter(
        callback=OuterRef("callback"), started_at__lt=OuterRef("started_at")
    )
    cancelled = Q(outcome=Interaction.Outcome.CANCELLED) & ~Q(Exists(attempts))
    return (
        cut.exchanges()
        .filter(callback__direction=Callback.Direction.OUTBOUND)
        .exclude(cancelled)
        .alias(punctual=Exists(attempts.filter(punctual).filter(~Exists(earlier))))
    )


PUNCTUAL = Q(punctual=True)


def incident(period: Period) -> Case:
    """ "with" what was attached to a known incident, "without" all others."""
    attached = IncidentLink.objects.filter(
        interaction=OuterRef("pk"), state=IncidentLink.State.ATTACHED
    )
    return Case(
        When(Exists(attached), then=Value("with")),
        default=Value("without"),
        output_field=CharField(),
    )
