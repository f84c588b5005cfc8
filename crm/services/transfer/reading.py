"""A file's rows, one after another, never all in memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from .cells import plain

MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
_LONGEST = 2_000  # of one cell


class BadFile(ValueError):
    """Not a table we can read; the text says why."""


def rows(file: IO[bytes], name: str) -> Iterator[list[str]]:
    """The rows with anything in them, the head first. Raises BadFile."""
    found = _xlsx(file) if name.lower().endswith(".xlsx") else _csv(file)
    for count, row in enumerate(found):
        if count > MOST_ROWS:
            raise BadFile(_("More than a million rows. Please cut the file in parts."))
        yield [plain(cell)[:_LONGEST] for cell in row[:MOST_COLUMNS]]


def _xlsx(file: IO[bytes]) -> Iterator[list[Any]]:
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield list(row)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise BadFile(_("This is not a workbook (XLSX) that can be read.")) from error


def _csv(file: IO[bytes]) -> Iterator[list[Any]]:
    """UTF-8, or what older spreadsheets write; comma, semicolon or tab."""
    start = file.read(64 * 1024)
    file.seek(0)
    encoding = "utf-8-sig"
    try:
        start[:-4].decode(encoding) if len(start) == 64 * 1024 else start.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    head = start.decode(encoding, "replace").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(text, delimiter=delimiter)
    except csv.Error as error:
        raise BadFile(_("This is not a table (CSV) that can be read.")) from error
    finally:
        text.detach()
