"""The clocks of an interaction, kept true to its facts.

`follow` looks at what is so (asked, answered, whose turn, closed) and makes the clocks say so:
called twice it changes nothing. The verbs call it in their own transaction, under the row's lock.
Lines of live channels are stored in batches that know no targets: `catch_up` follows a few seconds
behind. And when rules, calendars or the tree changed, `recount` goes over all that is open."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from crm import clock, registry
from crm.models import (
    Complaint,
    DueTime,
    Interaction,
    Message,
    Queue,
    Schedule,
    Status,
    Subject,
    Target,
)  # fmt: skip
from crm.models.calendar import Calendar
from crm.services.screens import nudge

Kind = DueTime.Kind
_ALWAYS = Calendar("UTC", always_open=True)
_BATCH = 200
_PATIENCE = 5.0  # seconds that one sweep goes on for; the next one goes on from there


def rule_for(interaction: Interaction, rules: list[Target] | None = None) -> Target | None:
    """The first rule that fits."""
    rules = active() if rules is None else rules
    return next((rule for rule in rules if rule.fits(interaction)), None)


def active() -> list[Target]:
    return list(Target.objects.filter(is_active=True).select_related("schedule"))


def calendar_of(target: Target, interaction: Interaction) -> Calendar:
    """In which hours a target counts."""
    if target.round_the_clock:
        return _ALWAYS
    hours = target.schedule or (interaction.subject.hours() if interaction.subject else None)
    if hours is None and interaction.queue:
        hours = interaction.queue.schedule
    return hours.calendar if hours else _ALWAYS


def follow(row: Interaction, at: datetime, *, recount: bool = False) -> bool:
    """Make the clocks of a locked interaction true; False when they were."""
    return bool(follow_all([(row, at)], recount=recount))


def follow_all(rows: Sequence[tuple[Interaction, datetime]], *, recount: bool = False) -> int:
    """As `follow`, for locked interactions that something happened to at these moments: two
    questions and one insert for all of them. How many clocks were not true?"""
    known = _Known([row.pk for row, _at in rows])
    changed = sum(_follow(row, at, known, recount) for row, at in rows)
    DueTime.objects.bulk_create(known.new)
    return changed


class _Known:
    """What runs, and the rules once somebody needs them; new clocks are gathered."""

    def __init__(self, keys: Sequence[int]) -> None:
        self.running: dict[int, dict[str, DueTime]] = defaultdict(dict)
        for due in DueTime.objects.filter(interaction__in=keys, done_at=None):
            self.running[due.interaction_id][due.kind] = due
        self.new: list[DueTime] = []

    @cached_property
    def rules(self) -> list[Target]:
        return active()


def _follow(row: Interaction, at: datetime, known: _Known, recount: bool) -> bool:
    wanted = _wanted(row, at)
    running = known.running[row.pk]
    if not wanted and not running:
        return False
    changed = _finish(row, running, wanted, at)
    stands = _customers_turn(row)
    turned = {
        kind for kind, due in running.items()
        if kind in wanted and bool(due.paused_since) != stands
    }  # fmt: skip
    new = set(wanted) - set(running)
    if not (new or turned or recount):
        return changed
    rule = rule_for(row, known.rules)
    for kind in wanted:
        due = running.get(kind)
        if due is None:
            due = DueTime(interaction=row, kind=kind, started_at=wanted[kind])
        elif kind not in turned and not recount:
            continue
        changed |= _count(due, rule, row, stands, at, known)
    return changed


def _wanted(row: Interaction, at: datetime) -> dict[str, datetime]:
    """What somebody waits for now, and since when."""
    complaint = _complaint(row)
    since = complaint.level_since if complaint else row.offered_at
    if row.status == Status.CLOSED or since is None:
        return {}
    wanted: dict[str, datetime] = {Kind.SOLUTION: at if row.reopened and not complaint else since}
    if row.ended_at:
        return wanted
    answered = row.first_answer_at
    if complaint:  # each level is to be acknowledged by itself
        answered = row.last_agent_at if (row.last_agent_at or since) > since else None
    if not answered:
        wanted[Kind.FIRST] = since
    elif row.last_customer_at and row.last_agent_at and row.last_customer_at > row.last_agent_at:
        wanted[Kind.NEXT] = row.last_customer_at
    return wanted


def _complaint(row: Interaction) -> Complaint | None:
    if row.nature != Interaction.Nature.COMPLAINT:
        return None
    return Complaint.objects.filter(interaction=row.pk).first()


def _customers_turn(row: Interaction) -> bool:
    return row.status == Status.PENDING and row.wake_at is None


def _finish(
    row: Interaction, running: dict[str, DueTime], wanted: dict[str, datetime], at: datetime
) -> bool:
    """End the clocks that nobody waits for any more, at the moment that ended them."""
    over = [due for kind, due in running.items() if kind not in wanted]
    moments = {
        Kind.FIRST: row.first_answer_at, Kind.NEXT: row.last_agent_at, Kind.SOLUTION: row.closed_at
    }  # fmt: skip
    for due in over:
        moment = moments[Kind(due.kind)]
        due.go_on(at)
        due.done_at = moment if moment and moment >= due.started_at else at
        due.save(update_fields=["done_at", "pauses", "paused_since"])
    return bool(over)


def _count(
    due: DueTime,
    rule: Target | None,
    row: Interaction,
    stands: bool,
    at: datetime,
    known: _Known,
) -> bool:
    """Start, stop or recount one clock; without a target for it there is none."""
    if rule is None or not (
        rule.allowed(due.kind) or (due.kind == Kind.SOLUTION and rule.latest_days)
    ):
        return bool(due.pk and due.delete())
    before = (due.target_id, due.due_at, due.warn_at, due.paused_since)
    if stands:
        due.pause(at)
    else:
        due.go_on(at)
    due.count(rule, calendar_of(rule, row))
    if due.pk is None:
        known.new.append(due)
    elif before == (due.target_id, due.due_at, due.warn_at, due.paused_since):
        return False
    else:
        due.save()
    return True


# -- behind the verbs


def catch_up(at: datetime | None = None) -> int:
    """Live channels: who wrote last, a few seconds later. Safe to run twice, and beside itself."""
    at = at or clock.now()
    live = [channel.name for channel in registry.channels() if channel.live]
    runs = DueTime.objects.filter(interaction=OuterRef("pk"), done_at=None)
    asked = Q(last_customer_at__gt=F("last_agent_at"), ended_at=None)
    rows = Interaction.objects.open().filter(channel__in=live)
    found = set(
        rows.filter(asked, status=Status.ACTIVE)
        .exclude(Exists(runs.filter(kind=Kind.NEXT)))
        .values_list("pk", flat=True)[:_BATCH]
    )
    answered = Q(kind=Kind.FIRST, interaction__first_answer_at__isnull=False) | Q(
        kind=Kind.NEXT, interaction__last_agent_at__gte=F("interaction__last_customer_at")
    )
    clocks = DueTime.objects.filter(answered, done_at=None, interaction__channel__in=live)
    found |= set(clocks.values_list("interaction", flat=True)[:_BATCH])
    return sum(bool(_refollow(key, at)) for key in sorted(found))


def _refollow(key: int, at: datetime, mark: str = "") -> bool | None:
    """One more interaction seen to; None when somebody else has it at this moment."""
    with transaction.atomic():
        row = (
            Interaction.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=key)
            .first()
        )
        if row is None:
            return None
        if row.last_customer_at:
            row.last_customer_at = _first_unanswered(row) or row.last_customer_at
        changed = follow(row, at, recount=bool(mark))
        if mark:
            Interaction.objects.filter(pk=key).update(targets_as_of=mark)
        if changed:
            nudge(row)
        return changed


def _first_unanswered(row: Interaction) -> datetime | None:
    said = Message.objects.filter(
        interaction=row, author=Message.Author.CUSTOMER, kind=Message.Kind.TEXT
    )
    if row.last_agent_at:
        said = said.filter(created_at__gt=row.last_agent_at)
    return said.order_by("created_at").values_list("created_at", flat=True).first()


def recount(at: datetime | None = None, *, patience: float = _PATIENCE) -> int:
    """Rules, calendars or the tree are not what they were: count again, some hundreds at a time,
    and go on from there with the next sweep. Also the net for whatever no verb followed."""
    at, until, mark = at or clock.now(), time.monotonic() + patience, _state_of_rules()
    changed, last = 0, 0
    while not last or time.monotonic() < until:
        behind = Interaction.objects.open().exclude(targets_as_of=mark).filter(pk__gt=last)
        keys = list(behind.order_by("pk").values_list("pk", flat=True)[:_BATCH])
        if not keys:
            break
        changed += sum(bool(_refollow(key, at, mark)) for key in keys)
        last = keys[-1]
    return changed


def _state_of_rules() -> str:
    """One word for everything that due times depend on but the interactions themselves."""
    rows: list[Any] = list(Target.objects.order_by("pk").values_list())
    rows += Schedule.objects.order_by("pk").values_list("pk", "version")
    rows += Subject.objects.order_by("pk").values_list("pk", "parent", "schedule", "queue")
    rows += Queue.objects.order_by("pk").values_list("pk", "schedule")
    return hashlib.md5(repr(rows).encode(), usedforsecurity=False).hexdigest()


def restart(row: Interaction, at: datetime) -> None:
    """Other promises hold from now on (it became a complaint, or went a level up)."""
    DueTime.objects.filter(interaction=row, done_at=None).update(done_at=at)
    follow(row, at)
