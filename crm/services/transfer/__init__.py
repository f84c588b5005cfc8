"""Customers, companies and own fields of exchanges in and out by files: CSV and XLSX.

`reading` opens a file, `fields` says what a column may mean, `applying` and `others` bring a
handful of rows in, `running` claims handful after handful, `exporting` writes."""

from .cells import guarded
from .exporting import csv_rows, export_rows, table, write_xlsx
from .fields import choices, guess
from .reading import BadFile
from .running import NotNow, advance_due, forget_old, old, refused_rows, start, upload

__all__ = [
    "BadFile",
    "NotNow",
    "advance_due",
    "choices",
    "csv_rows",
    "export_rows",
    "forget_old",
    "guarded",
    "guess",
    "old",
    "refused_rows",
    "start",
    "table",
    "upload",
    "write_xlsx",
]
