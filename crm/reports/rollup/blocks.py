"""What is kept, as it lies in the database."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet

from crm.models import ReportBlock
from crm.reports.period import Period
from crm.reports.rollup.entries import Entries, unpack

# another one whenever what a figure counts, its views or the packing change: what is kept of the
# earlier one is not read any more, and made again
VERSION = "2"
DAY, MONTH = ReportBlock.Grain.DAY, ReportBlock.Grain.MONTH


def version() -> str:
    return f"{VERSION} {settings.TIME_ZONE}"


def of(names: Iterable[str], view: int, grain: str) -> QuerySet[ReportBlock]:
    """Those of these figures that hold: named, as the index begins with the figure."""
    return ReportBlock.objects.filter(
        measure__in=list(names), view=view, grain=grain, version=version()
    )


Read = list[tuple[date, Entries]]


def read(
    names: Collection[str], view: int, grain: str, firsts: Collection[date]
) -> dict[str, Read]:
    """Of each figure those that are there, oldest first; the entries' day is `first`."""
    found: dict[str, Read] = {name: [] for name in names}
    if firsts:
        rows = of(names, view, grain).filter(first__in=firsts).order_by("first")
        for name, first, data in rows.values_list("measure", "first", "rows"):
            found[name].append((first, unpack(bytes(data), first.toordinal())))
    return found


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
