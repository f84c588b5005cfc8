"""An export from the question to its file, written by a worker in one go: one that is killed or too
slow loses its lease, and the next one begins anew."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import IO, Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files import File
from django.db import transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Customer, Export, OwnField
from crm.reports import behind, paper
from crm.reports.period import BadQuestion
from crm.services import audit

from .exporting import csv_file, export_rows, table, xlsx_file

LEASE = timedelta(minutes=2)
_STEP = 500  # rows between two signs of life
_OF_A_WORKBOOK = 1_048_575  # rows below the head
_AT_ONCE = 5  # of one colleague
_LONGEST = 1000  # characters of a question: cut off, it would be another one
_TRIES = 3  # what kills its worker each time stops here
State = Export.State


class TooMany(Exception):
    """This colleague's earlier exports are still being written."""


class _Refused(Exception):
    """It cannot be written: `str()` says why, to whoever asked."""


class _Lost(Exception):
    """Somebody else writes it now, or nobody may."""


def ask(
    about: str, form: str, *, by: Any, days: int = 90, query: str = "", page: str = ""
) -> Export:
    """Written as soon as a worker is free. With a query, of exchanges, those behind a figure; a
    PDF is of a page of figures, named as the console's address names it. Raises TooMany, and
    BadQuestion for what makes no sense."""
    title = ""
    if (form == Export.Form.PDF) != bool(page):
        raise BadQuestion("form")
    if page:
        about, title = "", _title(page, query)
    elif query:
        if about != OwnField.About.INTERACTION or len(query) > _LONGEST:
            raise BadQuestion("query")
        behind.rows(QueryDict(query))
    mine = Export.objects.filter(by=by, state=State.RUNNING)
    if mine.count() >= _AT_ONCE:
        raise TooMany
    return Export.objects.create(
        about=about, form=form, days=days, query=query, by=by, page=page, title=title
    )


def _title(page: str, query: str) -> str:
    if len(query) > _LONGEST:
        raise BadQuestion("query")
    try:
        return paper.title(page)[:80]
    except paper.NotPrinted as error:
        raise BadQuestion("page") from error


def write_next() -> bool:
    """Write the one that has waited longest; whether there was one."""
    job = _claim()
    if job is not None:
        with translation.override(job.by.language):
            _write(job)
    return job is not None


@transaction.atomic
def _claim() -> Export | None:
    """The oldest, unless somebody writes it: one at a time, so that mails find a worker too."""
    waiting = Export.objects.select_for_update(of=("self",)).filter(state=State.RUNNING)
    job = waiting.select_related("by").order_by("pk").first()
    if job is None or (job.lease_until and job.lease_until > clock.wall()):
        return None
    job.tries += 1
    job.lease_until, job.handled = clock.wall() + LEASE, 0
    job.save(update_fields=["lease_until", "handled", "tries"])
    return job


def _held(job: Export) -> Any:
    return Export.objects.filter(pk=job.pk, state=State.RUNNING, lease_until=job.lease_until)


def _write(job: Export) -> None:
    if job.tries > _TRIES:
        _fail(job, _("Its worker was lost again and again. Please ask for fewer days, or CSV."))
        return
    try:
        with _paper(job) if job.page else _table(job) as made:
            _end(job, made)
    except _Lost:
        return
    except (_Refused, paper.NotPrinted) as why:
        _fail(job, str(why))
    except SoftTimeLimitExceeded:
        _fail(job, _("This took too long. Please take CSV, or fewer days."))
    except Exception:
        _fail(job, _("The file could not be written. The server’s log says why."))
        raise


def _table(job: Export) -> IO[bytes]:
    rows = export_rows(job.about, job.by, job.days, job.query)
    job.total = rows.count()
    if job.form == Export.Form.XLSX and job.total > _OF_A_WORKBOOK:
        raise _Refused(_("A workbook has no room for so many rows. Please take CSV."))
    make = xlsx_file if job.form == Export.Form.XLSX else csv_file
    return make(_alive(job, table(rows)))


def _paper(job: Export) -> IO[bytes]:
    """In two steps: the figures are counted, then the sheets are drawn."""
    job.total = 2
    _renew(job, 0)
    html = paper.page(job.page, job.query, job.by)
    _renew(job, 1)
    return BytesIO(paper.pdf(html))


def _alive(job: Export, lines: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The lines, with a sign of life now and then. Raises _Lost."""
    for number, line in enumerate(lines):
        if number % _STEP == 0:
            _renew(job, number)
        yield line


def _renew(job: Export, handled: int) -> None:
    until = clock.wall() + LEASE
    if not _held(job).update(lease_until=until, handled=handled, total=job.total):
        raise _Lost
    job.lease_until = until


def _end(job: Export, made: Any) -> None:
    job.file.save(job.filename, File(made), save=False)
    done = {"state": State.DONE, "handled": job.total, "done_at": clock.now()}
    with transaction.atomic():
        if not _held(job).update(file=job.file.name, lease_until=None, **done):
            _drop(job)
            raise _Lost
        audit.record(
            audit.Verb.EXPORTED,
            model=f"crm.{job.about or 'reportview'}",
            object_id=job.pk,
            count=job.total,
            actor_id=job.by_id,
        )


def _fail(job: Export, why: str) -> None:
    _held(job).update(state=State.FAILED, error=why, total=job.total, lease_until=None)


def _drop(job: Export) -> None:
    """With the transaction, or at once where there is none."""
    if name := job.file.name:
        transaction.on_commit(partial(job.file.storage.delete, name))


def forget_about(customers: Sequence[Customer]) -> None:
    """Nobody who is being erased stays in a file: files go, and what is being written begins anew.
    Which rows lie in a file is not kept, so all go; they are a few hours old at most."""
    about_people = Export.objects.exclude(about=OwnField.About.ORGANISATION)
    if customers:
        about_people.filter(state=State.RUNNING).update(lease_until=None)
        _forget(about_people.exclude(file=""))


def old_exports(before: datetime) -> Any:
    """Those whose file is past its time."""
    return Export.objects.filter(created_at__lt=before).exclude(file="")


def forget_old_exports(before: datetime, limit: int) -> int:
    """Files go; who took out what stays in the audit trail."""
    return _forget(old_exports(before).order_by("pk")[:limit])


def _forget(jobs: Iterable[Export]) -> int:
    found = list(jobs)
    Export.objects.filter(pk__in=[job.pk for job in found]).update(file="")
    for job in found:
        _drop(job)
    return len(found)
