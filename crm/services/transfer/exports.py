"""An export from the question to its file, written by a worker in one go: one that is killed or too
slow loses its lease, and the next one begins anew."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files import File
from django.db import transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import Customer, Export, OwnField
from crm.reports import behind, paper
from crm.reports.period import BadQuestion
from crm.services import audit

from .exporting import csv_file, export_rows, table, xlsx_file

LEASE = timedelta(minutes=2)
_STEP, _LONGEST_QUIET = 500, timedelta(seconds=5)  # between two signs of life
_OF_A_WORKBOOK = 1_048_575  # rows below the head
_AT_ONCE = 5  # of one colleague
_LONGEST = 1000  # characters of a question: cut off, it would be another one
_TRIES = 3  # what kills its worker each time stops here
State, Form = Export.State, Export.Form
_OF_TABLES = (Form.CSV, Form.XLSX)
_T = TypeVar("_T")


class TooMany(Exception):
    """This colleague's earlier exports are still being written."""


class _Refused(Exception):
    """It cannot be written: `str()` says why, to whoever asked."""


class _Lost(Exception):
    """Somebody else writes it now, or nobody may."""


def ask(
    about: str, form: str, *, by: Any, days: int = 90, query: str = "", page: str = ""
) -> Export:
    """Written as soon as a worker is free. With a query, of exchanges, those behind a figure.
    `page`, named as the console's address names it: of figures as PDF, or of what an app lets
    take out there (registry.Takeout). Raises TooMany, and BadQuestion for what makes no sense or
    is not theirs."""
    title = ""
    if page:
        about, title = "", _title(page, form, query, by)
    elif form not in _OF_TABLES:
        raise BadQuestion("form")
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


def _title(page: str, form: str, query: str, by: Any) -> str:
    takeout = registry.takeouts().get(page)
    if form not in (takeout.forms if takeout else [Form.PDF]):
        raise BadQuestion("form")
    if len(query) > _LONGEST or (takeout and query):
        raise BadQuestion("query")
    if takeout:
        if not by.has_perm(takeout.permission):
            raise BadQuestion("page")
        return str(takeout.label)[:80]
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
        with _made(job) as made:
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


def _made(job: Export) -> IO[bytes]:
    if job.form == Form.PDF:
        return _paper(job)
    return _taken_out(job) if job.page else _table(job)


def _taken_out(job: Export) -> IO[bytes]:
    takeout = registry.takeouts().get(job.page)
    if takeout is None or not job.by.has_perm(takeout.permission):
        raise _Refused(_("This is no longer yours to take."))
    job.total = takeout.count(job.form)
    file = TemporaryFile()  # noqa: SIM115 (whoever stores it closes it)
    takeout.write(job.form, file, partial(_alive, job))
    file.seek(0)
    return file


def _table(job: Export) -> IO[bytes]:
    rows = export_rows(job.about, job.by, job.days, job.query)
    job.total = rows.count()
    if job.form == Form.XLSX and job.total > _OF_A_WORKBOOK:
        raise _Refused(_("A workbook has no room for so many rows. Please take CSV."))
    make = xlsx_file if job.form == Form.XLSX else csv_file
    return make(_alive(job, table(rows)))


def _paper(job: Export) -> IO[bytes]:
    """In two steps: the figures are counted, then the sheets are drawn."""
    job.total = 2
    _renew(job, 0)
    html = paper.page(job.page, job.query, job.by)
    _renew(job, 1)
    return BytesIO(paper.pdf(html))


def _alive(job: Export, lines: Iterable[_T]) -> Iterator[_T]:
    """The lines, with a sign of life now and then; some take long, as films do. Raises _Lost."""
    for number, line in enumerate(lines):
        if number % _STEP == 0 or _quiet(job):
            _renew(job, number)
        yield line


def _quiet(job: Export) -> bool:
    return job.lease_until is None or clock.wall() > job.lease_until - LEASE + _LONGEST_QUIET


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
            model=_model(job),
            object_id=job.pk,
            count=job.total,
            actor_id=job.by_id,
        )


def _model(job: Export) -> str:
    """What the audit trail says was taken out."""
    if takeout := registry.takeouts().get(job.page):
        return takeout.model
    return f"crm.{job.about or 'reportview'}"


def _fail(job: Export, why: str) -> None:
    _held(job).update(state=State.FAILED, error=why, total=job.total, lease_until=None)


def _drop(job: Export) -> None:
    """With the transaction, or at once where there is none."""
    if name := job.file.name:
        transaction.on_commit(partial(job.file.storage.delete, name))


def forget_about(customers: Sequence[Customer]) -> None:
    """Nobody who is being erased stays in a file: files go, and what is being written begins anew.
    Which rows lie in a file is not kept, so all go; they are a few hours old at most."""
    of_apps = [name for name, takeout in registry.takeouts().items() if not takeout.personal]
    about_people = Export.objects.exclude(about=OwnField.About.ORGANISATION).exclude(
        page__in=of_apps
    )
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
