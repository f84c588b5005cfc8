"""A file's rows, one after another, never all in memory."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _

from .cells import plain

MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
_LONGEST = 2_000  # of one cell
_NEVER_CLOSED = 100_000  # a quotation mark swallowed what follows
_HEAD = 64 * 1024
# of a workbook, unpacked: all of it, and what its reader holds in memory at once
_MOST_UNPACKED, _MOST_TEXTS = 2 * 1024**3, 200 * 1024**2


class BadFile(ValueError):
    """Not a table we can read; the text says why."""


def rows(file: IO[bytes], name: str) -> Iterator[list[str]]:
    """The rows, empty ones too, the head first. Raises BadFile."""
    found = _xlsx(file) if name.lower().endswith(".xlsx") else _csv(file)
    for count, row in enumerate(found):
        if count > MOST_ROWS:
            raise BadFile(_("More than a million rows. Please cut the file in parts."))
        yield [plain(cell)[:_LONGEST] for cell in row[:MOST_COLUMNS]]


def _xlsx(file: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    try:
        _check_size(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is often wrong
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield _to_the_last(row)  # the reader fills up to max_col
    except BadFile:
        raise
    except Exception as error:  # whatever a library stumbles over in somebody's bytes
        raise BadFile(_("This is not a workbook (XLSX) that can be read.")) from error


def _to_the_last(row: tuple[Any, ...]) -> tuple[Any, ...]:
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return row[:width]


def _check_size(file: IO[bytes]) -> None:
    """A small file may unpack to anything."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    texts = [part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")]
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or sum(texts) > _MOST_TEXTS:
        raise BadFile(_("This workbook is too large. Please cut it in parts."))


def _csv(file: IO[bytes]) -> Iterator[list[Any]]:
    """UTF-8, or what spreadsheets write on Windows; comma, semicolon or tab."""
    start = file.read(_HEAD)
    file.seek(0)
    encoding = _encoding(start)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    head = start.decode(encoding, "replace").partition("\n")[0]
    reader = csv.reader(text, delimiter=max(",;\t", key=head.count))
    line = 1
    try:
        for row in reader:
            if any(len(cell) > _NEVER_CLOSED for cell in row):
                raise csv.Error
            yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(
            _("This is not a table (CSV) that can be read: see line %(n)s.") % {"n": line}
        ) from error
    finally:
        text.detach()


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        # the end may be the middle of a character
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _HEAD)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
