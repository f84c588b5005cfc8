"""Customers, companies and own fields of exchanges in and out by files: CSV and XLSX.

`reading` opens a file, `fields` says what a column may mean, `applying` and `others` bring a
handful of rows in, `running` claims handful after handful, `forgetting` lets them go; `exporting`
writes tables, `exports` does so in the background."""

from .exporting import csv_rows, export_rows, table, xlsx_file
from .exports import TooMany, ask, forget_about, forget_old_exports, old_exports, write_next
from .fields import choices, guess
from .forgetting import forget, forget_old, naming, old
from .reading import BadFile
from .running import NotNow, advance_due, refused_rows, start, upload

__all__ = [
    "BadFile",
    "NotNow",
    "TooMany",
    "advance_due",
    "ask",
    "choices",
    "csv_rows",
    "export_rows",
    "forget",
    "forget_about",
    "forget_old",
    "forget_old_exports",
    "guess",
    "naming",
    "old",
    "old_exports",
    "refused_rows",
    "start",
    "table",
    "upload",
    "write_next",
    "xlsx_file",
]
