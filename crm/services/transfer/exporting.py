"""Customers as a table: the ones this colleague may see, streamed, formulas guarded. What comes out
goes in again by the same headings."""

import csv
from collections.abc import Iterator
from typing import IO, Any

import openpyxl
from django.db.models import QuerySet

from crm.models import Customer, Identity, OwnField
from crm.services import own_fields

from .cells import guarded
from .fields import KNOWN

_CHUNK = 1_000


class _Echo:
    """A file whose write gives the line back: what csv.writer needs to stream."""

    def write(self, line: str) -> str:
        return line


def table(rows: QuerySet[Customer]) -> Iterator[list[str]]:
    """The head, then a row per customer; of several addresses the first."""
    own = own_fields.definitions(OwnField.About.CUSTOMER)
    yield [*KNOWN, *(field.key for field in own)]
    people = rows.select_related("organisation").prefetch_related("identities").order_by("pk")
    for person in people.iterator(chunk_size=_CHUNK):
        values: list[Any] = [_cell(person, name) for name in KNOWN]
        yield [guarded(v) for v in [*values, *(person.own.get(field.key) for field in own)]]


def _cell(person: Customer, name: str) -> Any:
    kinds = {
        "external": Identity.Kind.EXTERNAL,
        "mail": Identity.Kind.MAIL,
        "phone": Identity.Kind.PHONE,
    }
    if name in kinds:  # the first: one column is one value when it comes in again
        mine = sorted((i.pk, i.value) for i in person.identities.all() if i.kind == kinds[name])
        return mine[0][1] if mine else ""
    if name == "organisation":
        return person.organisation.name if person.organisation else ""
    return getattr(person, name)


def csv_rows(lines: Iterator[list[str]]) -> Iterator[str]:
    """Lines of CSV; a mark at the start, so that spreadsheets read the accents."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for line in lines:
        yield writer.writerow(line)


def write_xlsx(lines: Iterator[list[str]], target: IO[bytes]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("customers")
    for line in lines:
        sheet.append(line)
    book.save(target)
