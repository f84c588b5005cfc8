"""Counting again what has changed: whatever is lost half-way is still marked, and done twice is the
same as once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from time import monotonic

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Min

from crm.models import Interaction, ReportBlock, ReportMark
from crm.reports import measures
from crm.reports.measures import Measure
from crm.reports.period import Period, today, zone
from crm.reports.rollup import blocks, marks, raw, views
from crm.reports.rollup.blocks import DAY, MONTH, month
from crm.reports.rollup.carried import SLOT, Vocabulary
from crm.reports.rollup.entries import Entries, joined, unpack
from crm.reports.rollup.marks import Slots

_LOCK = 7_204_316  # a number of our own among PostgreSQL's advisory locks
_AT_ONCE = 2000  # marks
_TOO_MANY = 20_000


def kept() -> list[Measure]:
    return [one for one in measures.every() if one.is_kept]


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else counts; a lost connection gives the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        got = cursor.fetchone()[0]
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def refresh(budget: float = 20.0) -> int:
    """Count again what is marked, the newest day first, for about so many seconds: how many."""
    until, done = monotonic() + budget, 0
    with alone() as mine:
        while mine and monotonic() < until:
            _forget_if_too_many()
            ids = list(ReportMark.objects.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
            if not ids:
                break
            # read before the rows are: what changes after that has a mark of its own
            touched = marks.touched(ids)
            days = marks.by_day({place for places in touched.values() for place in places})
            for day in sorted(days, reverse=True):
                build(day, days[day])
                del days[day]
                done += 1
                if monotonic() > until:
                    break
            over = [pk for pk in ids if not any(day in days for day, _slot in touched.get(pk, ()))]
            ReportMark.objects.filter(pk__in=over).delete()
    return done


@transaction.atomic
def _forget_if_too_many() -> None:
    """After a bulk load: the days are no longer kept, and counted anew as a whole (`complete`)."""
    ids = list(ReportMark.objects.order_by("pk").values_list("pk", flat=True))
    if len(ids) <= _TOO_MANY:
        return
    days = marks.by_day({place for places in marks.touched(ids).values() for place in places})
    months = {day.replace(day=1) for day in days}
    ReportBlock.objects.filter(grain=DAY, first__in=days).delete()
    ReportBlock.objects.filter(grain=MONTH, first__in=months).delete()
    ReportMark.objects.filter(pk__in=ids).delete()


@transaction.atomic
def build(day: date, slots: Slots = None) -> None:
    """Count these half hours of a day, or all of it. What was not kept yet is counted whole."""
    words = Vocabulary.load()
    known = {
        row.measure: unpack(bytes(row.rows), day.toordinal())
        for row in blocks.of(views.WHOLE, DAY).filter(first=day)
    }
    rows: list[ReportBlock] = []
    for measure in kept():
        before = known.get(measure.name)
        whole = _counted(measure, day, slots, before, words)
        if before is None or not _same(before, whole):
            rows += _blocks(measure, day, whole)
    if rows:
        words.save()
        blocks.write(rows)
        changed = {row.measure for row in rows}
        ReportBlock.objects.filter(
            measure__in=changed, grain=MONTH, first=day.replace(day=1)
        ).delete()


def _counted(
    measure: Measure, day: date, slots: Slots, before: Entries | None, words: Vocabulary
) -> Entries:
    if before is None or slots is None:
        return raw.read(measure, Period(day, day), words).reduced()
    stays = ~np.isin(SLOT.of(before.key), sorted(slots))
    fresh = raw.read(measure, marks.moments({day: slots}), words)
    return joined([before.where(stays), fresh]).reduced()


def _same(one: Entries, other: Entries) -> bool:
    pairs = zip(one.columns, other.columns, strict=True)
    return all(np.array_equal(left, right) for left, right in pairs)


def _blocks(measure: Measure, day: date, whole: Entries) -> list[ReportBlock]:
    coarse = {view: whole.reduced(views.mask(view)) for view in views.VIEWS}
    return [
        blocks.made(measure.name, view, DAY, day, entries)
        for view, entries in {**coarse, views.WHOLE: whole}.items()
    ]


def complete(budget: float = 5.0) -> int:
    """What is marked, then days that were never kept, the newest first, then months; for about so
    many seconds."""
    until = monotonic() + budget
    done = refresh(budget)
    with alone() as mine:
        for first in _lacking(DAY) if mine else ():
            build(first)
            done += 1
            if monotonic() > until:
                return done
        for first in _lacking(MONTH) if mine else ():
            build_month(first)
            done += 1
            if monotonic() > until:
                return done
    return done


def _lacking(grain: str) -> Iterator[date]:
    """Of the days or months that are over, those that are not kept of every figure."""
    found = Interaction.objects.aggregate(first=Min("offered_at"))
    if not found["first"]:
        return
    first = found["first"].astimezone(zone()).date().replace(day=1)  # months are kept as a whole
    rows = blocks.of(views.WHOLE if grain == DAY else 0, grain).order_by().values("first")
    full = {row["first"] for row in rows.annotate(n=Count("pk")) if row["n"] >= len(kept())}
    day = today() - timedelta(days=1)
    while day >= first:
        start = day if grain == DAY else day.replace(day=1)
        over = grain == DAY or start < today().replace(day=1)
        if over and start not in full:
            yield start
        day = start - timedelta(days=1)


@transaction.atomic
def build_month(first: date) -> None:
    """Of what is kept of its days; where one is missing, not at all."""
    days, rows = month(first), []
    for measure in kept():
        for view in views.VIEWS:
            found = [entries for _day, entries in blocks.read(measure.name, view, DAY, days)]
            if len(found) == len(days):
                one = joined(found)
                whole = replace(one, day=one.day * 0).reduced()
                rows.append(blocks.made(measure.name, view, MONTH, first, whole))
    blocks.write(rows)
