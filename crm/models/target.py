"""What customers may expect, and by when: the rules, and the clocks that run because of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .calendar import Calendar
from .hours import Schedule
from .interaction import MOST_PRIORITY, Interaction
from .queue import Queue

_UNITS = {"s": 1, "min": 60, "h": 3600}
_ALLOWANCE = re.compile(r"^(\d{1,4}) ?(s|min|h|d|j)$")
Pauses = Iterable[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Allowance:
    """So many seconds, or so many working days."""

    seconds: int = 0
    days: int = 0


def allowance(text: str) -> Allowance:
    """ "30 s", "5 min", "24 h", "2 d" or "2 j" (working days). Raises ValidationError."""
    found = _ALLOWANCE.match(text.strip())
    if found is None or not int(found[1]):
        raise ValidationError(_("Write a time such as 30 s, 5 min, 24 h or 2 d (working days)."))
    count, unit = int(found[1]), found[2]
    return Allowance(days=count) if unit in "dj" else Allowance(seconds=count * _UNITS[unit])


def valid_allowance(text: str) -> None:
    allowance(text)


def due_at(
    calendar: Calendar, given: Allowance, started: datetime, pauses: Pauses = ()
) -> datetime | None:
    """When time is up, the pauses (ended, in order) not counted; None when it never is."""
    if given.days:
        end = calendar.add_working_days(started, given.days)
        lost = sum(calendar.open_seconds(a, b) for a, b in pauses)
        return end and calendar.add_open_time(end, lost)
    left: float = given.seconds
    at = started
    for begun, ended in pauses:
        used = calendar.open_seconds(at, begun)
        if used >= left:
            break
        left, at = left - used, max(at, ended)
    return calendar.add_open_time(at, left)


class Target(models.Model):
    """One rule. The first in order whose conditions hold decides; an empty condition holds."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Read from the smallest on: the first that fits.")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    queue = models.ForeignKey(
        Queue, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("queue"),
        help_text=_("Empty: any."),
    )  # fmt: skip
    channel = models.CharField(_("channel"), max_length=16, blank=True, help_text=_("Empty: any."))
    nature = models.CharField(
        _("nature"), max_length=12, choices=Interaction.Nature, blank=True,
        help_text=_("Empty: any."),
    )  # fmt: skip
    priority = models.SmallIntegerField(
        _("priority at least"), null=True, blank=True, help_text=_("Empty: any.")
    )

    first_answer = models.CharField(
        _("first answer within"), max_length=8, blank=True, validators=[valid_allowance],
        help_text=_("30 s, 5 min, 24 h or 2 d (working days). Empty: no target."),
    )  # fmt: skip
    next_answer = models.CharField(
        _("next answer within"), max_length=8, blank=True, validators=[valid_allowance],
        help_text=_("From the customer's first unanswered words."),
    )  # fmt: skip
    solution = models.CharField(
        _("solution within"), max_length=8, blank=True, validators=[valid_allowance],
        help_text=_("Until it is closed."),
    )  # fmt: skip
    latest_days = models.PositiveSmallIntegerField(
        _("solution after days at the latest"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("Days of the almanac, pauses and holidays included."),
    )  # fmt: skip
    schedule = models.ForeignKey(
        Schedule, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("counted in"),
        help_text=_("Empty: in the opening hours of the subject or the queue."),
    )  # fmt: skip
    round_the_clock = models.BooleanField(
        _("day and night"), default=False, help_text=_("Count closed hours too.")
    )

    warn_percent = models.PositiveSmallIntegerField(
        _("warn after % of the time"), default=75,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    notify_lead = models.BooleanField(
        _("late: tell the team lead"), default=True, help_text=_("By mail, once.")
    )
    raise_priority = models.PositiveSmallIntegerField(
        _("late: raise the priority by"), default=0, validators=[MaxValueValidator(MOST_PRIORITY)]
    )
    move_to = models.ForeignKey(
        Queue, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("late: move to"),
        help_text=_("Only while nobody has it."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def fits(self, interaction: Interaction) -> bool:
        return (
            self.queue_id in (None, interaction.queue_id)
            and self.channel in ("", interaction.channel)
            and self.nature in ("", interaction.nature)
            and (self.priority is None or interaction.priority >= self.priority)
        )

    def allowed(self, kind: str) -> Allowance | None:
        text = {"first": self.first_answer, "next": self.next_answer}.get(kind, self.solution)
        return allowance(text) if text else None


class DueTime(models.Model):
    """A clock: one answer, or the solution, that a customer waits for. It stands while it is the
    customer's turn. Changed under the interaction's lock only."""

    class Kind(models.TextChoices):
        FIRST = "first", _("first answer")
        NEXT = "next", _("next answer")
        SOLUTION = "solution", _("solution")

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="due_times")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    target = models.ForeignKey(
        Target, models.SET_NULL, null=True, blank=True, related_name="due_times"
    )
    started_at = models.DateTimeField(_("from"))
    pauses = models.JSONField(default=list, blank=True)  # [[from, to], …] in ISO
    paused_since = models.DateTimeField(_("stands since"), null=True, blank=True)
    warn_at = models.DateTimeField(_("warning at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)  # null: stands, or never
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("due time")
        verbose_name_plural = _("due times")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "kind"], condition=Q(done_at=None), name="one_clock_runs"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="due_open"),
            models.Index(fields=["warn_at"], condition=Q(done_at=None), name="warn_open"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.kind}"

    def pause(self, at: datetime) -> None:
        self.paused_since = self.paused_since or at

    def go_on(self, at: datetime) -> None:
        if self.paused_since:
            self.pauses = [*self.pauses, [self.paused_since.isoformat(), at.isoformat()]]
            self.paused_since = None

    def count(self, target: Target, calendar: Calendar) -> None:
        """Set the times by this rule in these hours."""
        given = target.allowed(self.kind)
        due = None
        if given and not self.paused_since:
            pauses = [tuple(map(datetime.fromisoformat, pair)) for pair in self.pauses]
            due = due_at(calendar, given, self.started_at, pauses)  # type: ignore[arg-type]
        if self.kind == self.Kind.SOLUTION and target.latest_days:
            latest = self.started_at + timedelta(days=target.latest_days)
            due = min(due, latest) if due else latest
        self.target, self.due_at, self.warn_at = target, due, None
        if due:
            total = calendar.open_seconds(self.started_at, due)
            self.warn_at = calendar.add_open_time(
                self.started_at, total * target.warn_percent / 100
            )


class TargetAlert(models.Model):
    """A warning given, or an escalation made: each once per clock, whoever looks."""

    class Step(models.TextChoices):
        WARNING = "warning", _("soon due")
        LATE = "late", _("late")

    due_time = models.ForeignKey(DueTime, models.CASCADE, related_name="alerts")
    step = models.CharField(_("step"), max_length=8, choices=Step)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["due_time", "step"], name="alert_once_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.due_time_id} {self.step}"
