"""Customers, companies and own fields of exchanges in and out by files: CSV and XLSX.

`reading` opens a file, `fields` says what a column may mean, `applying` and `others` bring a
handful of rows in, `running` claims handful after handful, `forgetting` lets them go, `exporting`
writes."""

from .exporting import csv_rows, export, export_rows, table, xlsx_file
from .fields import choices, guess
from .forgetting import forget, forget_old, naming, old
from .reading import BadFile
from .running import NotNow, advance_due, refused_rows, start, upload

__all__ = [
    "BadFile",
    "NotNow",
    "advance_due",
    "choices",
    "csv_rows",
    "export",
    "export_rows",
    "forget",
    "forget_old",
    "guess",
    "naming",
    "old",
    "refused_rows",
    "start",
    "table",
    "upload",
    "xlsx_file",
]
