"""The audit trail: what triggers cannot see is recorded here, and whoever acts is named here.

Changes of the audited tables are captured by triggers of the database (migration `audit`), also
those of bulk statements, executemany and COPY. They read the actor from the transaction
(`set_config`); it is put there before the first write to an audited table."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.transaction import TransactionManagementError

from crm import clock
from crm.models import AuditEntry, AuditValue

Verb = AuditEntry.Verb
SAW_AGAIN_AFTER = timedelta(minutes=30)  # looking twice within it is one look
KEPT_AT_LEAST = timedelta(days=365)  # as the database's function has it
Who = Callable[[], int | None]

_acting: ContextVar[tuple[Who, str] | None] = ContextVar("acting", default=None)
# the tables with triggers; the migration names the same (a test compares them)
TABLES = (
    "crm_agent", "crm_agentskill", "crm_block", "crm_consent", "crm_customer", "crm_customergrant",
    "crm_identity", "crm_legalhold", "crm_note", "crm_organisation", "crm_queue",
    "crm_retentionrule", "crm_subject", "crm_user", "crm_user_groups",
)  # fmt: skip
DOORS = ("console", "api", "portal", "import", "bulk", "task")
_WRITE = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+"?(?:' + "|".join(TABLES) + r')"?\b', re.I
)


@contextmanager
def acting(who: int | Who | None, door: str) -> Iterator[None]:
    """Within it, what is written is this user's doing. `who` may be a function: it is asked when
    something audited is written, and not before."""
    ask: Who = who if callable(who) else (lambda: who)
    token = _acting.set((ask, door))
    try:
        yield
    finally:
        _acting.reset(token)


def name_actor(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Around every statement of Django's cursors (crm/apps.py): before a write to an audited table
    the transaction is told who acts. Other statements pass at the price of a look."""
    if not isinstance(sql, str) or not _WRITE.match(sql):
        return execute(sql, params, many, context)
    connection = context["connection"]
    if connection.in_atomic_block:
        _tell(connection, local=True)
        return execute(sql, params, many, context)
    _tell(connection, local=False)  # the statement is its own transaction
    try:
        return execute(sql, params, many, context)
    finally:
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('bravo.actor','',false)")


def tell_actor(connection: Any) -> None:
    """The same before a COPY, which is no statement of Django's. Within a transaction."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("who acts is told to a transaction")
    _tell(connection, local=True)


def _tell(connection: Any, *, local: bool) -> None:
    ask, door = _acting.get() or (lambda: None, "")
    actor = ask()  # may read the session: not on the cursor that waits
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('bravo.actor', %s, %s), set_config('bravo.door', %s, %s)",
            ["" if actor is None else str(actor), local, door, local],
        )


def record(
    verb: str,
    *,
    model: str,
    object_id: int | None = None,
    object_last: int | None = None,
    customer_id: int | None = None,
    count: int = 1,
    fields: Iterable[str] = (),
    actor_id: int | None = None,
) -> AuditEntry:
    """Add an entry. Without `actor_id` it is whoever acts (see `acting`)."""
    ask, door = _acting.get() or (lambda: None, "")
    return AuditEntry.objects.create(
        actor_id=actor_id if actor_id is not None else ask(),
        door=door,
        verb=verb,
        model=model,
        object_id=object_id,
        object_last=object_last if object_last is not None else object_id,
        customer_id=customer_id,
        count=count,
        fields=list(fields),
    )


def kinds() -> list[str]:
    """The kinds of record there are entries of: from one to the next through the index, not
    through millions of entries."""
    table = AuditEntry._meta.db_table
    following = f"SELECT min(model) FROM {table} WHERE model > seen.model"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE seen(model) AS (SELECT min(model) FROM {table} UNION ALL "  # noqa: S608
            f"SELECT ({following}) FROM seen WHERE model IS NOT NULL) "
            "SELECT model FROM seen WHERE model IS NOT NULL"
        )
        return [model for (model,) in cursor.fetchall()]


def saw(user: Any, row: models.Model, customer_id: int | None) -> None:
    """This colleague looked at this record; once in half an hour."""
    model = row._meta.label_lower
    lately = AuditEntry.objects.filter(
        model=model, object_id=row.pk, verb=Verb.SAW, actor_id=user.pk,
        at__gt=clock.wall() - SAW_AGAIN_AFTER,
    )  # fmt: skip
    if not lately.exists():
        record(Verb.SAW, model=model, object_id=row.pk, customer_id=customer_id, actor_id=user.pk)


def empty_values(**about_whom: Any) -> int:
    """The personal values of what was done to them go; that it was done stays."""
    about = AuditEntry.objects.filter(**about_whom)
    gone, _by_model = AuditValue.objects.filter(entry__in=about.values("pk")).delete()
    return gone


def looks(before: datetime) -> models.QuerySet[AuditEntry]:
    """The access log that may go: never of the last year, whatever a rule says."""
    before = min(before, clock.wall() - KEPT_AT_LEAST)
    return AuditEntry.objects.filter(verb=Verb.SAW, at__lt=before)


def forget_looks(before: datetime, limit: int) -> int:
    """By the owner's function: the application's role may delete no entry itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_audit_forget_looks(%s, %s)", [before, limit])
        return int(cursor.fetchone()[0])
