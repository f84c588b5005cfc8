"""What is kept, as it lies in the database."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet

from crm.models import ReportBlock
from crm.reports.period import Period
from crm.reports.rollup.entries import Entries, unpack

# another one whenever what a figure counts, its views or the packing change: what is kept of the
# earlier one is not read any more, and made again
VERSION = "1"
DAY, MONTH = ReportBlock.Grain.DAY, ReportBlock.Grain.MONTH


def version() -> str:
    return f"{VERSION} {settings.TIME_ZONE}"


def of(names: Iterable[str], view: int, grain: str) -> QuerySet[ReportBlock]:
    """Those of these figures that hold: named, as the index begins with the figure."""
    return ReportBlock.objects.filter(
        measure__in=list(names), view=view, grain=grain, version=version()
    )


def read(
    measure: str, view: int, grain: str, firsts: Iterable[date]
) -> Iterator[tuple[date, Entries]]:
    """Those of a figure that are there, oldest first; the entries' day is `first`."""
    if not (days := list(firsts)):
        return
    rows = of([measure], view, grain).filter(first__in=days).order_by("first")
    for first, data in rows.values_list("first", "rows"):
        yield first, unpack(bytes(data), first.toordinal())


def made(measure: str, view: int, grain: str, first: date, entries: Entries) -> ReportBlock:
    return ReportBlock(
        measure=measure, view=view, grain=grain, first=first, version=version(),
        rows=entries.pack(),
    )  # fmt: skip


def write(rows: list[ReportBlock]) -> None:
    ReportBlock.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["measure", "view", "grain", "first"],
        update_fields=["rows", "version"],
    )


def month(first: date) -> list[date]:
    """Its days."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(first, last).days
