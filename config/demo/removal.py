"""Remove demo data: the simulated people and all they did go, every setting stays.

Colleagues of the demo who answered somebody real stay as names on those exchanges and may not
sign in any more; the others leave with the data. The next start does not seed again."""

import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import PROTECT, SET_NULL, QuerySet

from config.demo import actions, data, house, links, marks, records, selfcare
from crm.models import Agent, AgentState, Customer, Organisation, User, Visit
from selfcare.models import Incident

_TRIES = 5
_LOCK = 0x44454D4F  # taken by removal alone, shared by whoever commits simulated rows


def was_removed() -> bool:
    """Somebody wants this installation for themselves."""
    return _marker().exists()


def is_over() -> bool:
    """Simulated people stop: it was removed, or is being."""
    return was_removed() or _leaving().exists()


def _leaving() -> Path:
    return Path(settings.VAR_DIR) / "demo.leaving"


def _marker() -> Path:
    return Path(settings.VAR_DIR) / "demo.removed"


def may_still_come() -> bool:
    """Asked before simulated rows are committed: holds a removal back until they are, or says
    that one came first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    return not was_removed()


def remove(*, by: User) -> None:
    """Whoever asks keeps their account. Simulated people who are in the middle of something may
    cross it: then once more, a moment later, when they have seen that it is over."""
    _leaving().touch()
    for tries_left in reversed(range(_TRIES)):
        try:
            _remove(by)
            return
        except (OperationalError, IntegrityError):  # a deadlock; a line for what has just gone
            if not tries_left:
                _leaving().unlink(missing_ok=True)
                raise
            time.sleep(1.0)  # whoever crossed it hears meanwhile that it is over


@transaction.atomic
def _remove(by: User) -> None:
    """All in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    _wipe_people()
    wipe(Visit.objects.filter(key__startswith="demo-"))
    wipe(Organisation.objects.filter(domains__name=records.DOMAIN))
    wipe(Incident.objects.filter(title_fr__in=[actions.ROADWORKS, selfcare.OUTAGE]))
    colleagues = User.objects.filter(email__in=_emails()).exclude(pk=by.pk)
    agents = Agent.objects.filter(user__in=colleagues)
    AgentState.objects.filter(agent__in=agents).delete()
    wipe(_without(agents, _held(agents)))
    held = _held(colleagues)
    colleagues.filter(pk__in=held).update(is_active=False)
    wipe(_without(colleagues, held))
    _marker().touch()
    transaction.on_commit(lambda: shutil.rmtree(settings.VAR_DIR / "catcher", ignore_errors=True))


def _wipe_people() -> None:
    marks.mark(Customer.objects.all())
    wipe(Customer.objects.filter(is_simulated=True))
    wipe(marks.visits())


@transaction.atomic
def again() -> int:
    """What was on its way while the rest went; how many customers."""
    late = marks.mark(Customer.objects.all())
    if late or marks.visits().exists():
        _wipe_people()
    return late


def _emails() -> list[str]:
    colleagues = [house.address_of(person) for person in data.load("people")["agents"]]
    return [*colleagues, *links.PEOPLE.values()]


def _without(rows: QuerySet[Any], kept: set[int]) -> QuerySet[Any]:
    return rows.model._base_manager.filter(
        pk__in=set(rows.values_list("pk", flat=True)) - kept,
    )


def _followers(model: type[models.Model]) -> list[tuple[type[models.Model], str, Any]]:
    """Who points at this model: their model, by which field, and what becomes of them."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            field = relation.field
            found.append((field.model, field.name, relation.on_delete))
    return found


def _held(rows: QuerySet[Any]) -> set[int]:
    """Those of `rows` that something which stays still names."""
    held: set[int] = set()
    for model, name, becomes in _followers(rows.model):
        if becomes is PROTECT:
            pointing = model._base_manager.filter(**{f"{name}__in": rows.values("pk")})
            held |= set(pointing.values_list(name, flat=True))
    return held


def wipe(rows: QuerySet[Any]) -> None:
    """Delete rows and all that hangs on them. The planner first learns what a COPY has brought:
    without that, seconds can become minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _wipe(rows)


def _wipe(rows: QuerySet[Any]) -> None:
    """A statement per table, nothing loaded."""
    for model, name, becomes in _followers(rows.model):
        hanging = model._base_manager.filter(**{f"{name}__in": rows.values("pk")})
        if becomes is SET_NULL:
            hanging.update(**{name: None})
        else:
            _wipe(hanging)
    rows._raw_delete(rows.db)  # type: ignore[attr-defined]
