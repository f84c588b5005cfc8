"""Counting again what has changed: whatever is lost half-way is still marked, and done twice is the
same as once."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from time import monotonic

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Min

from crm.models import Interaction, ReportBlock, ReportMark
from crm.reports import measures
from crm.reports.measures import Measure
from crm.reports.period import today, zone
from crm.reports.rollup import blocks, marks, raw, views
from crm.reports.rollup.blocks import DAY, MONTH, month
from crm.reports.rollup.carried import SLOT, Vocabulary
from crm.reports.rollup.entries import Entries, joined, unpack
from crm.reports.rollup.marks import Slots

_LOCK = 7_204_316  # a number of our own among PostgreSQL's advisory locks
_AT_ONCE = 2000  # marks
_TOO_MANY = 20_000
_DAYS = 5  # read at once


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
    """Count again what is marked, the newest days first, for about so many seconds: how many."""
    until, done = monotonic() + budget, 0
    with alone() as mine:
        while mine and monotonic() < until:
            _fold_if_too_many()
            ids = list(ReportMark.objects.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
            if not ids:
                break
            # read before the rows are: what changes after that has a mark of its own
            touched = marks.touched(ids)
            days = marks.by_day(place for places in touched.values() for place in places)
            for some in _batches(sorted(days, reverse=True)):
                build({day: days.pop(day) for day in some})
                done += len(some)
                if monotonic() > until:
                    break
            over = [pk for pk in ids if not any(day in days for day, _slot in touched.get(pk, ()))]
            ReportMark.objects.filter(pk__in=over).delete()
    return done


@transaction.atomic
def _fold_if_too_many() -> None:
    """After a bulk load that did not (`marks.by_the_day`)."""
    if ReportMark.objects.count() > _TOO_MANY:
        marks.fold(list(ReportMark.objects.values_list("pk", flat=True)))


def _batches(days: Iterable[date]) -> Iterator[list[date]]:
    """Some at a time: each figure reads the rows of all of them at once."""
    left = iter(days)
    while some := list(islice(left, _DAYS)):
        yield some


@transaction.atomic
def build(days: Mapping[date, Slots]) -> None:
    """Count these half hours of each day, or all of it. What was not kept yet is counted whole."""
    words = Vocabulary.load()
    kept_ones = {one.name: one for one in kept()}
    known = {
        (row.measure, row.first): unpack(bytes(row.rows), row.first.toordinal())
        for row in blocks.of(kept_ones, views.WHOLE, DAY).filter(first__in=days)
    }
    rows: list[ReportBlock] = []
    for name, measure in kept_ones.items():
        asked = {day: slots if (name, day) in known else None for day, slots in days.items()}
        found = raw.read(measure, marks.moments(asked), words).reduced()
        for day, slots in asked.items():
            before = known.get((name, day))
            whole = _merged(before, slots, found.where(found.day == day.toordinal()))
            if before is None or not _same(before, whole):
                rows += _blocks(measure, day, whole)
    if rows:
        words.save()
        blocks.write(rows)
        changed = {row.measure for row in rows}
        months = {row.first.replace(day=1) for row in rows}
        ReportBlock.objects.filter(
            measure__in=changed, view__in=views.VIEWS, grain=MONTH, first__in=months
        ).delete()


def _merged(before: Entries | None, slots: Slots, fresh: Entries) -> Entries:
    """A day with these half hours counted anew."""
    if before is None or slots is None:
        return fresh
    stays = ~np.isin(SLOT.of(before.key), sorted(slots))
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
        for some in _batches(_lacking(DAY)) if mine else ():
            build(dict.fromkeys(some))
            done += len(some)
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
    names = [one.name for one in kept()]
    rows = blocks.of(names, views.WHOLE if grain == DAY else 0, grain).order_by().values("first")
    full = {row["first"] for row in rows.annotate(n=Count("pk")) if row["n"] == len(names)}
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
            found = [
                entries
                for _day, entries in blocks.read([measure.name], view, DAY, days)[measure.name]
            ]
            if len(found) == len(days):
                one = joined(found)
                whole = replace(one, day=one.day * 0).reduced()
                rows.append(blocks.made(measure.name, view, MONTH, first, whole))
    blocks.write(rows)
