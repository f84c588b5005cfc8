"""An import from upload to end. Rows are claimed by handfuls, a transaction each: a worker that is
killed loses the handful it held, and the next one takes it up."""

import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

from django.core.files.base import File
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Import, ImportRow, OwnField
from crm.services import audit
from crm.services import rows as batch

from .applying import apply_customers
from .fields import KEYS, choices, guess
from .forgetting import drop_file
from .lines import Line
from .others import apply_exchanges, apply_organisations
from .reading import BadFile, rows

HANDFUL = 500
State, Outcome = Import.State, ImportRow.Outcome
About = OwnField.About
APPLY = {
    About.CUSTOMER: apply_customers,
    About.ORGANISATION: apply_organisations,
    About.INTERACTION: apply_exchanges,
}
_LONGEST_HEAD = 80
_COUNTS = ("created", "changed", "same", "failed")


class NotNow(Exception):
    """The import is running, or its columns say nothing that could be a key."""


class _OnlyTried(Exception):
    """Takes back what a dry run did."""


def upload(file: "File[Any]", *, by: Any, about: str = About.CUSTOMER) -> Import:
    """Keep the file and read its head. Raises BadFile."""
    name = (file.name or "customers.csv")[-200:]
    head = next(iter(rows(_opened(file), name)), None)
    if not head or not any(head):
        raise BadFile(_("The first row has no headings."))
    columns = _named(head)
    file.seek(0)
    return Import.objects.create(
        file=file, name=name, about=about, columns=columns, mapping=guess(columns, about), by=by
    )


def _named(head: list[str]) -> list[str]:
    """Each column with a name of its own."""
    columns: list[str] = []
    for number, column in enumerate(head, 1):
        name = column[:_LONGEST_HEAD] or _("Column %(n)s") % {"n": number}
        while name in columns:
            name = f"{name} ({number})"
        columns.append(name)
    return columns


def _opened(file: "File[Any]") -> IO[bytes]:
    if file.file is None:
        raise BadFile(_("The file is empty."))
    return file.file


@transaction.atomic
def start(job: Import, mapping: dict[str, str], *, dry: bool) -> Import:
    """From the first row, with these meanings; dry: nothing stays. Raises NotNow."""
    job = Import.objects.select_for_update().get(pk=job.pk)
    known = {name for name, _label in choices(job.about)}
    meant = {c: mapping[c] for c in job.columns if mapping.get(c) in known}
    if job.state == State.RUNNING or not KEYS[job.about] & set(meant.values()):
        raise NotNow
    job.rows.exclude(outcome="").update(outcome="", message="")
    job.mapping, job.dry, job.state, job.error = meant, dry, State.RUNNING, ""
    job.handled = job.created = job.changed = job.same = job.failed = 0
    job.done_at = None
    job.save()
    return job


def advance_due(handfuls: int = 60) -> int:
    """Go on with whatever import runs. How many handfuls were taken."""
    done = 0
    running = Import.objects.filter(state=State.RUNNING).order_by("pk")
    for key in list(running.values_list("pk", flat=True)):
        while done < handfuls and advance(key):
            done += 1
    return done


@transaction.atomic
def advance(job_id: int) -> bool:
    """One handful; False when it is over or another worker is at it."""
    job = (
        Import.objects.select_for_update(skip_locked=True)
        .filter(pk=job_id, state=State.RUNNING)
        .first()
    )
    if job is None:
        return False
    if not job.loaded:
        return _load(job)
    claimed = list(job.rows.filter(outcome="").order_by("number")[:HANDFUL])
    if not claimed:
        _end(job)
        return False
    language = job.by.language if job.by else None  # of whoever reads why a row was refused
    with audit.acting(job.by_id, "import"), translation.override(language):
        _bring_in(job, claimed)
    batch.update(claimed, ["outcome", "message"])
    for row in claimed:
        setattr(job, row.outcome, getattr(job, row.outcome) + 1)
    job.handled += len(claimed)
    job.save(update_fields=[*_COUNTS, "handled"])
    return True


def _bring_in(job: Import, claimed: Sequence[ImportRow]) -> None:
    """Each row gets its outcome. When the database refuses something, each goes alone."""
    lines = [Line.of(row, job.columns, job.mapping) for row in claimed]
    try:
        _apply(job, lines)
    except (DataError, IntegrityError):
        for line in lines:
            try:
                _apply(job, [line])
            except (DataError, IntegrityError):
                line.became(Outcome.FAILED, _("The database does not take this row."))


def _apply(job: Import, lines: Sequence[Line]) -> None:
    try:
        with transaction.atomic():
            APPLY[About(job.about)](lines)
            if job.dry:
                raise _OnlyTried
    except _OnlyTried:
        pass


def _load(job: Import) -> bool:
    """All rows of the file into the table, once: what is claimed must be a row."""
    try:
        with job.file.open("rb") as file, transaction.atomic():
            _copy(job, _opened(file))
            job.total = job.rows.count()
            if not job.total:
                raise BadFile(_("There is no row below the headings."))
    except (BadFile, OSError) as error:
        job.state, job.error = State.FAILED, str(error)[:300]
        job.save(update_fields=["state", "error"])
        return False
    job.loaded = True
    job.save(update_fields=["loaded", "total"])
    drop_file(job)
    return True


def _copy(job: Import, file: IO[bytes]) -> None:
    into = "COPY crm_importrow (job_id, number, values, outcome, message) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for number, row in enumerate(rows(file, job.name), 1):
            if number > 1 and any(row):
                copy.write_row((job.pk, number, json.dumps(row, ensure_ascii=False), "", ""))


def _end(job: Import) -> None:
    job.state = State.TRIED if job.dry else State.DONE
    job.done_at = clock.now()
    job.save(update_fields=["state", "done_at"])
    if not job.dry:
        audit.record(
            audit.Verb.IMPORTED,
            model="crm.import",
            object_id=job.pk,
            count=job.created + job.changed,
            actor_id=job.by_id,
        )


def refused_rows(job: Import) -> Iterator[list[str]]:
    """Head and refused rows as they came, with number and reason in front: to be mended and sent
    again."""
    yield [_("Row"), _("Why"), *job.columns]
    refused = job.rows.filter(outcome=Outcome.FAILED).order_by("number")
    for row in refused.iterator(chunk_size=1000):
        yield [str(row.number), row.message, *row.values]
