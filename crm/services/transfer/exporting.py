"""Customers, companies and exchanges as a table: those this colleague may see, streamed, formulas
guarded. What comes out goes in again by the same headings."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any

import openpyxl
from django.db.models import QuerySet

from crm import clock
from crm.models import Identity, Interaction, Organisation, OwnField
from crm.services import own_fields, rights

from .cells import guarded
from .fields import KNOWN

_CHUNK = 1_000
About = OwnField.About


class _Echo:
    """A file whose write gives the line back: what csv.writer needs to stream."""

    def write(self, line: str) -> str:
        return line


def export_rows(about: str, user: Any, days: int = 90) -> QuerySet[Any]:
    """What this colleague may take out; exchanges of the last days only."""
    if about == About.ORGANISATION:
        return Organisation.objects.prefetch_related("domains")
    if about == About.INTERACTION:
        since = clock.now() - timedelta(days=days)
        seen = Interaction.objects.visible_to(user).filter(opened_at__gte=since)
        return seen.select_related("queue", "subject", "real_subject")
    rows = rights.customers_for(user).filter(erased_at=None)
    return rows.select_related("organisation").prefetch_related("identities")


def table(rows: QuerySet[Any]) -> Iterator[list[str]]:
    """The head, then a row each, with the own fields last."""
    about = str(rows.model._meta.model_name)
    own = own_fields.definitions(about)
    names = _COLUMNS[about]
    yield [*names, *(field.key for field in own)]
    for one in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        values = [_cell(one, name) for name in names]
        yield [guarded(v) for v in [*values, *(one.own.get(field.key) for field in own)]]


_COLUMNS: dict[str, list[str]] = {
    About.CUSTOMER: list(KNOWN[About.CUSTOMER]),
    About.ORGANISATION: list(KNOWN[About.ORGANISATION]),
    About.INTERACTION: [
        "reference", "channel", "status", "customer_id", "queue", "subject", "real_subject",
        "nature", "outcome", "opened_at", "first_answer_at", "closed_at", "score",
    ],
}  # fmt: skip
_KINDS = {
    "external": Identity.Kind.EXTERNAL,
    "mail": Identity.Kind.MAIL,
    "phone": Identity.Kind.PHONE,
}


def _cell(one: Any, name: str) -> Any:
    if name in _KINDS:  # the first: one column is one value when it comes in again
        mine = sorted((i.pk, i.value) for i in one.identities.all() if i.kind == _KINDS[name])
        return mine[0][1] if mine else ""
    if name == "domains":
        return " ".join(domain.name for domain in one.domains.all())
    value = getattr(one, name)
    return value.isoformat() if isinstance(value, datetime) else value


def csv_rows(lines: Iterator[list[str]]) -> Iterator[str]:
    """Lines of CSV; a mark at the start, so that spreadsheets read the accents."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for line in lines:
        yield writer.writerow(line)


def write_xlsx(lines: Iterator[list[str]], target: IO[bytes]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    book.save(target)
