"""Complaints: each counts on the day it became one."""

from django.db.models import F, Q, Value
from django.db.models.fields import DateTimeField

from crm import clock
from crm.models import Complaint, DueTime, Interaction
from crm.reports.cut import Cut
from crm.reports.figures import Exchanges, with_promise
from crm.reports.values import Seconds


def received(cut: Cut) -> Exchanges:
    """Whatever became of them, also what was never offered."""
    rows = Interaction.objects.filter(cut.period.within("complaint__opened_at"))
    return cut.narrowed(rows.exclude(outcome__in=Interaction.NOT_COUNTED))


def judged(cut: Cut) -> Exchanges:
    return received(cut).filter(complaint__founded__isnull=False)


def promised(cut: Cut) -> Exchanges:
    """With whether the written answer came in time."""
    return with_promise(received(cut), DueTime.Kind.SOLUTION)


def still_open(cut: Cut) -> Exchanges:
    """Not answered at the end of the period, or now, with `seconds` of age; all of them, whenever
    they came."""
    end = min(cut.period.end, clock.now())
    known = Complaint.objects.filter(opened_at__lt=end)
    rows = Interaction.objects.filter(complaint__in=known).exclude(
        outcome__in=Interaction.NOT_COUNTED
    )
    age = Value(end, output_field=DateTimeField()) - F("complaint__opened_at")
    rows = rows.filter(Q(closed_at=None) | Q(closed_at__gte=end))
    return cut.narrowed(rows).annotate(seconds=Seconds(age))


FOUNDED = Q(complaint__founded=True)
