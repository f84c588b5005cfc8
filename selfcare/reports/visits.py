"""Visits that came for help, and what became of them; the rows behind the self-service figures."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from crm.models import Interaction, Visit, VisitStep
from crm.reports.cut import Cut
from crm.reports.dimensions import seconds
from selfcare.models import Article

Kind = VisitStep.Kind
OF_VISIT: Mapping[str, str] = {"device": "device", "language": "language"}
OF_STEP = {"device": "visit__device", "language": "visit__language"}
WINDOW_DAYS = 7

ALONE = Q(asked=False)
QUIET = Q(back=False)


def for_help(cut: Cut) -> QuerySet[Visit]:
    """With a search, an action followed, or an article in sight for ten seconds; with whether
    somebody was `asked` for in the same visit."""
    rows = Visit.objects.filter(started_at__gte=cut.period.start, started_at__lt=cut.period.end)
    steps = VisitStep.objects.filter(visit=OuterRef("pk"))
    # where no script told: until the visit's last sign
    long_enough = Q(value__gte=10) | Q(value=None, at__lte=OuterRef("last_at") - seconds(10))
    came = steps.filter(Q(kind__in=[Kind.SEARCH, Kind.ACTION]) | Q(kind=Kind.ARTICLE) & long_enough)
    opened = Interaction.objects.filter(visit=OuterRef("pk"), offered_at__isnull=False)
    return (
        cut.narrow(rows, OF_VISIT)
        .filter(Exists(came))
        .alias(asked=Q(Exists(steps.filter(kind=Kind.ASK))) | Q(Exists(opened)))
    )


def known(cut: Cut) -> QuerySet[Visit]:
    """Of these, the visits whose person we know, with whether that person came `back` to ask
    anybody about what they read within seven days; about anything, where the subject is unknown."""
    # seen from an exchange of the visit: hence the three steps out
    visit = OuterRef(OuterRef(OuterRef("pk")))
    read = VisitStep.objects.filter(visit=visit, kind=Kind.ARTICLE)
    subjects = Article.objects.filter(external_id__in=read.values("target"), subject__isnull=False)
    later = Interaction.objects.filter(
        customer=OuterRef("customer"),
        offered_at__isnull=False,
        opened_at__gte=OuterRef("started_at"),
        opened_at__lt=OuterRef("started_at") + seconds(WINDOW_DAYS * 86_400),
    )
    later = later.alias(asked=Coalesce("subject__merged_into", "subject"))
    same = Q(subject=None) | Q(asked__in=subjects.values("subject")) | ~Q(Exists(subjects))
    return for_help(cut).filter(customer__isnull=False).alias(back=Exists(later.filter(same)))


def searches(cut: Cut) -> QuerySet[VisitStep]:
    rows = VisitStep.objects.filter(
        kind=Kind.SEARCH, at__gte=cut.period.start, at__lt=cut.period.end
    )
    return cut.narrow(rows, OF_STEP)


FAILED = Q(value=0)
