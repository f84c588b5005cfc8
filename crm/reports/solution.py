"""Was it solved, and did it stay solved: the rows behind resolution, returns and the backlog."""

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, Q, Value
from django.db.models.expressions import Case, When

from crm import clock
from crm.models import Interaction, InteractionFact, Status, Subject, WorkSegment
from crm.reports.cut import Cut
from crm.reports.dimensions import credited, seconds, subject
from crm.reports.figures import Exchanges, Outcome, handled
from crm.reports.values import Seconds

WINDOW = timedelta(days=7)
_SEVEN_DAYS = seconds(int(WINDOW.total_seconds()))
Branches = dict[int, list[int]]


def is_provisional(cut: Cut) -> bool:
    """The seven days of the last exchanges are not over: the figure can still become worse."""
    return cut.period.end + WINDOW > clock.now()


def _branches() -> Branches:
    """The second level of the tree, and what stands below each."""
    found: Branches = {}
    for key, top in Subject.objects.second_level().items():
        found.setdefault(top, []).append(key)
    return found


def _with_top(rows: Exchanges, branches: Branches) -> Any:
    """With `top`: its subject's ancestor on the second level."""
    tops = (When(about__in=keys, then=Value(top)) for top, keys in branches.items())
    return rows.alias(about=subject()).alias(
        top=Case(*tops, default=Value(None), output_field=IntegerField())
    )


def followed(cut: Cut) -> Exchanges:
    """Handled exchanges, with whether the customer came `back` on the same subject within seven
    days, on any channel; of erased persons, what was counted while it could be."""
    branches = _branches()
    rows = _with_top(handled(cut), branches)
    later = _with_top(
        Interaction.objects.exclude(outcome__in=Interaction.NOT_COUNTED).filter(
            offered_at__isnull=False,
            customer=OuterRef("customer"),
            opened_at__gt=OuterRef("opened_at"),
            opened_at__lte=OuterRef("closed_at") + _SEVEN_DAYS,
        ),
        branches,
    ).filter(Q(continues=None) | ~Q(continues=OuterRef("pk")), top=OuterRef("top"))
    gone = InteractionFact.objects.filter(interaction=OuterRef("pk"), link_gone_at__isnull=False)
    returned = gone.filter(back_after_days__lte=WINDOW.days)
    return rows.alias(back=Q(Exists(returned)) | (~Q(Exists(gone)) & Q(Exists(later))))


def _passed_on() -> Exists:
    """Who answered first is not whose exchange it became."""
    answering = WorkSegment.objects.filter(
        interaction=OuterRef("pk"), since__lte=OuterRef("first_answer_at")
    ).filter(Q(until=None) | Q(until__gte=OuterRef("first_answer_at")))
    return Exists(answering.exclude(agent=OuterRef("whose")))


def transferred_rows(cut: Cut) -> Exchanges:
    return handled(cut).alias(whose=credited()).alias(passed_on=_passed_on())


TRANSFERRED = Q(passed_on=True)


def resolution_rows(cut: Cut) -> Exchanges:
    return followed(cut).alias(whose=credited()).alias(passed_on=_passed_on())


AT_ONCE = Q(
    outcome__in=[Outcome.SOLVED, Outcome.INFORMED, Outcome.ORDER],
    reopened=0,
    back=False,
    passed_on=False,
)
BACK = Q(back=True)
REOPENED = Q(reopened__gt=0)


def backlog_rows(cut: Cut) -> Exchanges:
    """Open at the end of the period, or now, with `seconds` of age."""
    end = min(cut.period.end, clock.now())
    rows = Interaction.objects.filter(offered_at__lt=end).filter(
        ~Q(status=Status.CLOSED) | Q(closed_at__gte=end)
    )
    rows = rows.exclude(outcome__in=Interaction.NOT_COUNTED)
    return cut.narrowed(rows).annotate(
        seconds=Seconds(Value(end, output_field=DateTimeField()) - F("offered_at"))
    )
