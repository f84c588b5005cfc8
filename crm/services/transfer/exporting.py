"""Customers, companies and exchanges as a table: those this colleague may see, streamed. What comes
out goes in again by the same headings."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import IO, Any

import openpyxl
from django.db.models import QuerySet
from django.http import QueryDict
from openpyxl.cell import WriteOnlyCell

from crm import clock
from crm.models import Identity, Interaction, Organisation, OwnField
from crm.reports import behind
from crm.services import own_fields, rights

from .cells import guarded, typed
from .fields import KNOWN

_CHUNK = 1_000
_WIDTH = 22  # of a workbook's columns, in characters
_MEANT = "=#"  # a text that begins so means a formula or an error to the library
About = OwnField.About


class _Echo:
    """A file whose write gives the line back: what csv.writer needs to stream."""

    def write(self, line: str) -> str:
        return line


def export_rows(about: str, user: Any, days: int = 90, query: str = "") -> QuerySet[Any]:
    """What this colleague may take out; exchanges of the last days only, or those behind a figure
    (crm.reports.behind)."""
    if about == About.ORGANISATION:
        return Organisation.objects.prefetch_related("domains")
    if about == About.INTERACTION:
        if query:
            rows = behind.rows(QueryDict(query))
        else:
            rows = Interaction.objects.filter(opened_at__gte=clock.now() - timedelta(days=days))
        seen = behind.seen_by(user, rows)
        return seen.select_related("queue", "subject", "real_subject", "closed_by")
    known = rights.customers_for(user).filter(erased_at=None)
    return known.select_related("organisation").prefetch_related("identities")


def table(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The head, then a row each, with the own fields last."""
    about = str(rows.model._meta.model_name)
    own = own_fields.definitions(about)
    names = _COLUMNS[about]
    yield [*names, *(field.key for field in own)]
    for one in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        yield [*(_cell(one, name) for name in names), *(_own(one, field) for field in own)]


_COLUMNS: dict[str, list[str]] = {
    About.CUSTOMER: list(KNOWN[About.CUSTOMER]),
    About.ORGANISATION: list(KNOWN[About.ORGANISATION]),
    About.INTERACTION: [
        "reference", "channel", "status", "customer_id", "queue", "subject", "real_subject",
        "nature", "outcome", "closed_by", "language", "device", "origin", "opened_at", "offered_at",
        "assigned_at", "first_answer_at", "closed_at", "handled_at", "reopened", "score",
    ],
}  # fmt: skip
_KINDS = {
    "external": Identity.Kind.EXTERNAL,
    "mail": Identity.Kind.MAIL,
    "phone": Identity.Kind.PHONE,
}


def _cell(one: Any, name: str) -> Any:
    if name in _KINDS:
        known = sorted((i.pk, i.value) for i in one.identities.all() if i.kind == _KINDS[name])
        return "; ".join(value for _pk, value in known)
    if name == "domains":
        return " ".join(domain.name for domain in one.domains.all())
    return getattr(one, name)


def _own(one: Any, field: OwnField) -> Any:
    value = one.own.get(field.key)
    return date.fromisoformat(value) if value and field.kind == OwnField.Kind.DATE else value


def csv_rows(lines: Iterable[list[Any]]) -> Iterator[str]:
    """Lines of CSV; a mark at the start, so that spreadsheets read the accents."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for line in lines:
        yield writer.writerow([guarded(value) for value in line])


def csv_file(lines: Iterable[list[Any]]) -> IO[bytes]:
    """To be sent or stored: whoever does closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.writelines(text.encode() for text in csv_rows(lines))
    file.seek(0)
    return file


def xlsx_file(lines: Iterable[list[Any]]) -> IO[bytes]:
    """A workbook whose head stays in sight; whoever sends or stores it closes it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.sheet_format.defaultColWidth = _WIDTH
    for line in lines:
        sheet.append([_as_cell(sheet, value) for value in line])
    file = tempfile.TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _as_cell(sheet: Any, value: Any) -> Any:
    value = typed(value)
    if not isinstance(value, str) or value[0] not in _MEANT:
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # never a formula
    return cell
