"""The same done to many, in the background when they are many; stopped anywhere it goes on with the
next record, each is done once, and most of it can be undone.

A record is claimed and done in one transaction: a worker that is killed leaves it as it was. What
can be done, and to which records, is told by `registry.BulkAct`."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import AuditEntry, BulkRow, BulkRun, Customer, User
from crm.registry import BulkAct, Skipped
from crm.services import audit

log = logging.getLogger(__name__)

MOST = 10_000  # records of a run
AT_ONCE = 100  # so many are done while one waits for the page
State, Outcome = BulkRun.State, BulkRow.Outcome


class NotNow(Exception):
    """It runs, is over, or cannot be undone: said in words."""


@transaction.atomic
def choose(act: BulkAct, keys: Iterable[int], *, by: User) -> BulkRun:
    """These records, in this order, at most MOST; nothing is done yet."""
    run = BulkRun.objects.create(act=act.name, by=by)
    chosen = dict.fromkeys(keys)
    rows = [BulkRow(run=run, record_id=key) for key in list(chosen)[:MOST]]
    BulkRow.objects.bulk_create(rows, batch_size=2000)
    return run


def start(run: BulkRun, options: dict[str, Any]) -> BulkRun:
    """With these options (names and numbers, as the act's `do` reads them). Raises NotNow."""
    if not BulkRun.objects.filter(pk=run.pk, state=State.NEW).update(
        state=State.RUNNING, options=options
    ):
        raise NotNow(_("It runs already, or is over."))
    return _at_once(run)


def undo(run: BulkRun) -> BulkRun:
    """Each record becomes what it was, unless it changed since. Raises NotNow."""
    act = registry.bulk_act(run.act)
    if act is None or act.undo is None:
        raise NotNow(_("This cannot be undone."))
    if not BulkRun.objects.filter(pk=run.pk, state=State.DONE).update(state=State.UNDOING):
        raise NotNow(_("It runs, or was undone already."))
    return _at_once(run)


def _at_once(run: BulkRun) -> BulkRun:
    run.refresh_from_db()
    if run.rows.count() <= AT_ONCE:
        advance(run.pk)
        run.refresh_from_db()
    return run


def counts(run: BulkRun) -> dict[str, int]:
    """How many rows have which outcome; `handled` of `total` in what is going on."""
    found = dict.fromkeys(Outcome.names, 0)
    by_outcome = run.rows.order_by().values_list("outcome").annotate(n=Count("pk"))
    for outcome, n in by_outcome:
        found[Outcome(outcome).name] = n
    told = {name.lower(): n for name, n in found.items()}
    total = sum(found.values())
    if run.state in (State.UNDOING, State.UNDONE):
        total -= told["skipped"]
        return {**told, "total": total, "handled": told["undone"] + told["left"]}
    return {**told, "total": total, "handled": total - told["pending"]}


def advance_due(budget: float = 4.0) -> int:
    """Go on with whatever runs, for about so many seconds: less than until the next call, so that
    one worker is busy with it and the others are not. How many records."""
    until, done = time.monotonic() + budget, 0
    going = BulkRun.objects.filter(state__in=[State.RUNNING, State.UNDOING]).order_by("pk")
    for key in list(going.values_list("pk", flat=True)):
        done += advance(key, until)
    return done


def advance(key: int, until: float | None = None) -> int:
    """One record after the other, until the moment (time.monotonic) or the end."""
    run = BulkRun.objects.select_related("by").get(pk=key)
    done = 0
    with audit.acting(run.by_id, "bulk"), translation.override(run.by.language):
        while until is None or time.monotonic() < until:
            if not _next(run):
                break
            done += 1
    return done


@transaction.atomic
def _next(run: BulkRun) -> bool:
    """The next record, or the end; False when there is none left for this worker."""
    undoing = run.state == State.UNDOING
    left = run.rows.filter(outcome=Outcome.DONE if undoing else Outcome.PENDING).order_by("pk")
    row = left.select_for_update(skip_locked=True).first()
    if row is None:
        if not left.exists():  # else another worker holds the last ones
            _end(run)
        return False
    _undo_one(run, row) if undoing else _do_one(run, row)
    row.save(update_fields=["outcome", "why", "before", "after"])
    return True


def _do_one(run: BulkRun, row: BulkRow) -> None:
    def work(act: BulkAct, record: Any) -> None:
        row.before = act.state(record)
        act.do(record, run.by, run.options)
        row.after = act.state(act.model._base_manager.get(pk=record.pk))

    _tried(run, row, work, Outcome.DONE, Outcome.SKIPPED)


def _undo_one(run: BulkRun, row: BulkRow) -> None:
    def work(act: BulkAct, record: Any) -> None:
        if act.undo is None or act.state(record) != row.after:
            raise Skipped(_("It changed since."))
        act.undo(record, run.by, row.before)

    _tried(run, row, work, Outcome.UNDONE, Outcome.LEFT)


def _tried(
    run: BulkRun, row: BulkRow, work: Callable[[BulkAct, Any], None], good: str, bad: str
) -> None:
    """One record's refusal, or whatever it stumbles over, stops no other."""
    act = registry.bulk_act(run.act)
    try:
        with transaction.atomic():
            may = act is not None and run.by.is_active and run.by.has_perm(act.permission)
            record = _record(act, run, row) if act and may else None
            if act is None or record is None:
                raise Skipped(_("It is gone, or not yours to change."))
            work(act, record)
            about = record if act.model is Customer else getattr(record, "customer", None)
            row.outcome, row.why = good, ""
            audit.record(
                AuditEntry.Verb.CHANGED, model=act.model._meta.label_lower, object_id=record.pk,
                customer_id=about.pk if about else None,
                fields=[act.name if good == Outcome.DONE else f"{act.name} undone"],
            )  # fmt: skip
    except Skipped as why:
        row.outcome, row.why = bad, str(why)[:300]
    except Exception:
        log.exception("bulk run %s, record %s", run.pk, row.record_id)
        row.outcome, row.why = bad, _("An error: the administrator finds it in the log.")


def _record(act: BulkAct, run: BulkRun, row: BulkRow) -> Any:
    """Also what whoever undoes moved out of their own sight."""
    undoing = run.state == State.UNDOING
    rows = act.model._base_manager.all() if undoing else act.rows(run.by)
    return rows.filter(pk=row.record_id).first()


def _end(run: BulkRun) -> None:
    after = State.UNDONE if run.state == State.UNDOING else State.DONE
    BulkRun.objects.filter(pk=run.pk, state=run.state).update(state=after, done_at=clock.now())


def old(before: datetime) -> QuerySet[BulkRun]:
    """What can be forgotten: nobody undoes it any more."""
    return BulkRun.objects.filter(created_at__lt=before).exclude(
        state__in=[State.RUNNING, State.UNDOING]
    )


def forget_old(before: datetime, limit: int) -> int:
    keys = list(old(before).values_list("pk", flat=True)[:limit])
    BulkRun.objects.filter(pk__in=keys).delete()
    return len(keys)
