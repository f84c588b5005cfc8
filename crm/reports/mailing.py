"""Pages of figures by mail, on the mornings on which somebody wants them.

A row is claimed by moving it to its next morning, in the transaction that writes the mail; the
mail's key names the morning, so that none goes twice. After a stop the last morning is sent, not
each that was missed."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from crm import clock, registry
from crm.models import ReportMail, ReportView, User
from crm.reports import cut, filters, measures, monday, words
from crm.reports.period import zone
from crm.reports.rollup import reading
from crm.reports.rollup.reading import Instant
from crm.services import access

MORNING = time(8)
MAY_SEE = "crm.view_reports"
FIGURES = ("offered", "answer_rate", "service_level", "waiting_time", "handling_time",
           "first_contact_resolution", "satisfaction")  # fmt: skip
Rhythm = ReportMail.Rhythm


def next_morning(rhythm: str, after: datetime) -> datetime:
    """The first one later than that."""
    day = after.astimezone(zone()).date()
    while True:
        found = datetime.combine(day, MORNING, zone())
        fits = {
            Rhythm.DAILY: True,
            Rhythm.WEEKLY: day.weekday() == 0,
            Rhythm.MONTHLY: day.day == 1,
        }[Rhythm(rhythm)]
        if fits and found > after:
            return found
        day += timedelta(days=1)


@transaction.atomic
def subscribe(user: User, view: ReportView | None, rhythm: str) -> ReportMail:
    """From the next fitting morning on; asked again it changes the rhythm."""
    when = next_morning(rhythm, clock.now())
    row, _made = ReportMail.objects.update_or_create(
        user=user, view=view, defaults={"rhythm": rhythm, "next_at": when}
    )
    return row


def send_due(at: datetime | None = None) -> int:
    """A sweep; any number of processes may run it."""
    at = at or clock.now()
    due = ReportMail.objects.filter(next_at__lte=at).order_by("next_at")
    return sum(_send(key, at) for key in list(due.values_list("pk", flat=True)[:100]))


@transaction.atomic
def _send(key: int, at: datetime) -> int:
    row = (
        ReportMail.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("user", "view")
        .filter(pk=key, next_at__lte=at)
        .first()
    )
    if row is None:
        return 0
    morning, row.next_at = row.next_at, next_morning(row.rhythm, at)
    row.save(update_fields=["next_at"])
    if not _may_read(row):
        return 0
    with translation.override(row.user.language):
        try:
            with reading.instant() as now:
                template, context = _view(row.view, now) if row.view else _monday(now)
        except cut.BadQuestion:  # it names a queue or a field that is gone
            return 0
    registry.notify(
        row.user.email,
        template,
        context | {"reader": row.user.get_short_name(), "settings": _console("report_views")},
        row.user.language,
        f"report:{row.pk}:{morning:%Y-%m-%d}",
    )
    return 1


def _may_read(row: ReportMail) -> bool:
    """Rights may have been taken since it was asked for."""
    if not (access.is_staff(row.user) and row.user.has_perm(MAY_SEE)):
        return False
    if row.view is None:
        return True
    return row.view in ReportView.objects.visible_to(row.user).filter(pk=row.view.pk)


def _console(name: str) -> str:
    return f"{settings.CONSOLE_URL}{reverse(f'admin:{name}')}"


def _monday(now: Instant) -> tuple[str, dict[str, Any]]:
    asked = replace(cut.read(QueryDict(), monday.USUAL), instant=now)
    return "crm/mail/monday", {
        "first": asked.period.first,
        "last": asked.period.last,
        "sentences": [one.text for one in monday.sentences(asked)],
        "advice": [one.text for one in monday.advice(asked)],
        "url": f"{_console('report_monday')}?{asked.pinned(QueryDict())}",
    }


def _view(view: ReportView, now: Instant) -> tuple[str, dict[str, Any]]:
    """The figures that hold for any part of the house, beside what they are compared with."""
    asked = replace(cut.read(QueryDict(view.query)), instant=now)
    chosen = [f"{one.label}: {one.chosen}" for one in filters.every(asked) if one.chosen]
    return "crm/mail/report", {
        "name": view.name,
        "first": asked.period.first,
        "last": asked.period.last,
        "parts": chosen + ([asked.part.label] if asked.part else []),
        "lines": [_line(name, asked) for name in FIGURES],
        "url": f"{_console(view.page)}?{asked.pinned(QueryDict(view.query))}",
    }


def _line(name: str, asked: cut.Cut) -> dict[str, str]:
    measure = measures.get(name)
    now, before = measure.total(asked), measure.total(asked.before())
    return {
        "label": str(measure.label),
        "now": words.value(measure.unit, now),
        "beside": words.beside(now, measure.unit),
        "before": words.value(measure.unit, before),
    }
