"""What files brought is kept for some time only, and of nobody who was erased."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Customer, Identity, Import, ImportRow

Kind = Identity.Kind
# Rows with a cell that holds one of these addresses, ends in the digits of one of these numbers or
# is one of these external numbers: as people write them, so no index serves. The files' time is
# short.
_NAMING = """
EXISTS (
  SELECT FROM jsonb_array_elements_text("crm_importrow"."values") cell
  WHERE lower(cell) LIKE ANY (%s::text[])
    OR regexp_replace(cell, '\\D', '', 'g') LIKE ANY (%s::text[])
    OR cell = ANY (%s::text[])
)
"""
_OF_A_NUMBER = 9  # its last digits; what stands before is written in many ways


def _naming(customers: Sequence[Customer]) -> QuerySet[ImportRow]:
    known: dict[str, list[str]] = {kind: [] for kind in Kind}
    identities = Identity.objects.filter(customer__in=customers)
    for kind, value in identities.values_list("kind", "value"):
        known[kind].append(value)
    mails = [f"%{_escaped(value)}%" for value in known[Kind.MAIL]]
    phones = [f"%{value.lstrip('+')[-_OF_A_NUMBER:]}" for value in known[Kind.PHONE]]
    given = [mails, phones, known[Kind.EXTERNAL]]
    names = RawSQL(_NAMING, given, output_field=BooleanField())  # noqa: S611 (a constant)
    return ImportRow.objects.filter(names)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def naming(customers: Sequence[Customer]) -> list[dict[str, str]]:
    """The rows that name them, as they came: for their copy."""
    rows = _naming(customers).select_related("job").order_by("pk")
    return [dict(zip(row.job.columns, row.values, strict=False)) for row in rows]


def forget(customers: Sequence[Customer]) -> None:
    """Their rows go; the counts of the imports stay."""
    _naming(customers).delete()


def old(before: datetime) -> QuerySet[Import]:
    """Imports whose file and rows are past their time."""
    return (
        Import.objects.filter(created_at__lt=before)
        .exclude(state=Import.State.RUNNING)
        .exclude(file="", loaded=False)
    )


def forget_old(before: datetime, limit: int) -> int:
    """Files and rows go; that there was an import, and its counts, stay."""
    found = list(old(before).order_by("pk")[: min(limit, 20)])
    for job in found:
        job.rows.all().delete()
        Import.objects.filter(pk=job.pk).update(loaded=False)
        drop_file(job)
    return len(found)


def drop_file(job: Import) -> None:
    """With the transaction: its rows are stored, or nobody needs them any more."""
    name, storage = job.file.name, job.file.storage
    Import.objects.filter(pk=job.pk).update(file="")
    if name:
        transaction.on_commit(partial(storage.delete, name))
