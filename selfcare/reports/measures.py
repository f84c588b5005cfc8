"""Self-care's own measures, registered beside the kernel's (docs/figures.md)."""

from django.utils.translation import gettext_lazy as _

from crm import registry
from crm.reports.dimensions import Dimension
from crm.reports.measures import Measure
from crm.reports.values import Points, scored, shared
from selfcare.reports import advice, answers, visits

TRADE = "contact centre practice"
_ANSWER = "survey_invitation__answer"

MEASURES = [
    Measure(
        "effort",
        _("Effort"),
        _(
            "“It was easy to get an answer”, from 1 to 7: the mean, with an interval by bootstrap; "
            "beside it the share of 5 to 7. Below 30 answers it is grey."
        ),
        "score",
        "customer effort score (CES 2.0)",
        answers.effort,
        scored(f"{_ANSWER}__effort", range(1, 8), good=5),
        good=True,
        topic="satisfaction",
    ),
    Measure(
        "recommendation",
        _("Recommendation"),
        _(
            "Share of 9 and 10 less share of 0 to 6, in points from -100 to +100, never a "
            "percentage; with an interval by bootstrap. Below 30 answers it is grey."
        ),
        "points",
        "net promoter score",
        answers.recommendation,
        scored(f"{_ANSWER}__recommendation", range(11), good=9, made=Points),
        good=True,
        topic="satisfaction",
    ),
    Measure(
        "declared_resolution",
        _("Solved, says the customer"),
        _("Answers “yes” to “Is it solved?”, of all answers to it."),
        "share",
        TRADE,
        answers.declared,
        shared(answers.DECLARED_SOLVED),
        part=answers.DECLARED_SOLVED,
        good=True,
        topic="satisfaction",
    ),
    Measure(
        "response_rate",
        _("Response rate"),
        _("Exchanges whose survey was answered, of those whose survey was sent."),
        "share",
        TRADE,
        answers.asked,
        shared(answers.ANSWERED),
        part=answers.ANSWERED,
        good=True,
        topic="satisfaction",
    ),
    Measure(
        "surveyed",
        _("Share asked"),
        _("Exchanges whose survey was sent, of all that have a verdict: sent, or why not."),
        "share",
        TRADE,
        answers.decided,
        shared(answers.ASKED),
        part=answers.ASKED,
        topic="satisfaction",
    ),
    Measure(
        "blind_spot",
        _("Blind spot"),
        _("Exchanges that could not be asked about for want of an address, of all verdicts."),
        "share",
        TRADE,
        answers.decided,
        shared(answers.BLIND),
        part=answers.BLIND,
        good=False,
        topic="satisfaction",
    ),
    Measure(
        "callbacks_on_time",
        _("Callbacks on time"),
        _(
            "Callbacks whose first attempt was dialled inside the slot, or within five minutes of "
            "an immediate promise; of all callbacks due, those never dialled included. Cancelled "
            "by the customer before we dialled: not counted."
        ),
        "share",
        TRADE,
        answers.promised_calls,
        shared(answers.PUNCTUAL),
        part=answers.PUNCTUAL,
        good=True,
        topic="waiting",
    ),
    Measure(
        "self_service",
        _("Self-service"),
        _(
            "Visits that came for help (a search, an action followed, an article in sight for ten "
            "seconds; no robots, no colleagues) and ended without asking for anybody; of all that "
            "came for help. Target: 80 %."
        ),
        "share",
        TRADE,
        visits.for_help,
        shared(visits.ALONE),
        part=visits.ALONE,
        paths=visits.OF_VISIT,
        good=True,
        topic="selfcare",
    ),
    Measure(
        "failed_searches",
        _("Failed searches"),
        _("Searches of the help that found nothing, of all searches."),
        "share",
        TRADE,
        visits.searches,
        shared(visits.FAILED),
        part=visits.FAILED,
        paths=visits.OF_STEP,
        good=False,
        topic="selfcare",
    ),
]


def register() -> None:
    registry.register_dimension(
        Dimension(
            "incident",
            _("Known incident"),
            answers.incident,
            lambda: {"with": _("of an incident"), "without": _("without incidents")},
        )
    )
    for measure in MEASURES:
        registry.register_measure(measure)
    registry.register_adviser(advice.failed_search)
    registry.register_adviser(advice.late_follow_ups)
