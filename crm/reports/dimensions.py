"""By what every figure can be cut. An app registers those that its own tables tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Case, Func, When
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from crm import registry
from crm.models import (
    Agent,
    AgentState,
    Interaction,
    Queue,
    Schedule,
    Subject,
    Team,
    Visit,
    WorkSegment,
)
from crm.reports.period import BadQuestion, Period

NONE = "-"  # in an address: those without any
Key = Any
Text = str | Promise


@dataclass(frozen=True)
class Dimension:
    """One way to cut the figures. A key is what the rows are grouped by, and what stands in an
    address; None is "without any"."""

    name: str
    label: Text
    # from an exchange to the key, in that period
    expression: Callable[[Period], Any]
    # what there is to choose from: {key: label}; the order is the reader's
    choices: Callable[[], Mapping[Key, Text]]
    # keys that one choice stands for: a branch of subjects and what is below it
    below: Callable[[Key], list[Key]] | None = None
    nothing: Text = _("unknown")  # what rows without a key are called

    def path(self, paths: Mapping[str, Any], period: Period) -> Any:
        """How rows of a table tell it. Raises BadQuestion where they cannot."""
        if not paths:
            return self.expression(period)
        if self.name not in paths:
            raise BadQuestion("dimension")
        path = paths[self.name]
        return F(path) if isinstance(path, str) else path

    def keys(self, value: str) -> list[Key]:
        """What a value in an address stands for. Raises BadQuestion."""
        if value == NONE:
            return [None]
        for key in self.choices():
            if str(key) == value:
                return self.below(key) if self.below else [key]
        raise BadQuestion(self.name)

    def label_of(self, key: Key, choices: Mapping[Key, Text]) -> str:
        return str(self.nothing if key is None else choices.get(key, key))


def seconds(count: int) -> Value:
    return Value(timedelta(seconds=count))


def credited(path: str = "") -> Case:
    """Who closed it, else who has it: the agent whose exchange it is."""
    tail = f"__{path}" if path else ""
    return Case(
        When(closed_by__isnull=False, then=F(f"closed_by{tail}")), default=F(f"agent{tail}")
    )


def _said(name: str) -> NullIf:
    """A text; None where it is empty."""
    return NullIf(F(name), Value(""))


def said_subject() -> Coalesce:
    """Reports count the agent's real subject; until there is one, the customer's."""
    return Coalesce("real_subject", "subject")


def subject() -> Coalesce:
    """The same, as what it counts by now."""
    return Coalesce("real_subject__merged_into", "real_subject", "subject__merged_into", "subject")


def _subjects() -> Mapping[Key, Text]:
    """A merged one can still be asked for, and says as what it counts."""
    rows = list(Subject.objects.order_by("position", "pk"))
    names = {row.pk: row.name for row in rows}
    return {
        row.pk: f"{row.name} → {names[row.merged_into_id]}" if row.merged_into_id else row.name
        for row in rows
    }


def branch(top: int) -> list[int]:
    """Of a merged one, that of what it counts as."""
    return sorted(Subject.objects.branch(top))


def _places() -> Mapping[Key, Text]:
    rows = Team.objects.exclude(place="").order_by("place").values_list("place", flat=True)
    return {place: place for place in rows}


class _During(Func):
    """Whether a moment lies in one of many stretches."""

    arg_joiner = " <@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()


def _hours(period: Period) -> Case:
    """ "open" or "closed", by the hours of its subject, else of its queue."""
    cases = [
        When(rows & Q(_During(F("offered_at"), _stretches(schedule, period))), then=Value("open"))
        for schedule, rows in _by_schedule().items()
    ]
    known = Q(queue__isnull=False) | Q(subject__isnull=False)
    cases.append(When(known, then=Value("closed")))
    return Case(*cases, default=Value(None), output_field=CharField())


def _by_schedule() -> dict[Schedule, Q]:
    """The exchanges that each schedule is for."""
    found: dict[Schedule, Q] = {}
    own: list[int] = []
    for row in Subject.objects.with_hours():
        if hours := row.hours():
            own.append(row.pk)
            found[hours] = found.get(hours, Q(pk__in=[])) | Q(subject=row.pk)
    for queue in Queue.objects.select_related("schedule"):
        rest = Q(queue=queue.pk) & (Q(subject=None) | ~Q(subject__in=own))
        found[queue.schedule] = found.get(queue.schedule, Q(pk__in=[])) | rest
    return found


def _stretches(schedule: Schedule, period: Period) -> Value:
    """Its open stretches, from a year before on: what is closed now was asked for earlier."""
    calendar = schedule.calendar
    days = Period(period.first - timedelta(days=366), period.last).days
    spans = [span for day in days for span in calendar.spans(day)]
    return Value(Multirange([Range(s.start, s.end) for s in spans]), output_field=_Stretches())


class _Stretches(DateTimeField):
    """A tstzmultirange, only ever a parameter."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value


def _parallel(period: Period) -> Case:
    """How many chats its agent had when they got it, this one included; 3 stands for more."""
    beside = WorkSegment.objects.filter(
        interaction__channel="chat",
        kind=WorkSegment.Kind.WRITE,
        agent=OuterRef("closed_by"),
        since__lte=OuterRef("assigned_at"),
        since__gt=OuterRef("assigned_at") - seconds(8 * 3600),
    ).filter(Q(until=None) | Q(until__gt=OuterRef("assigned_at")))
    others = (
        beside.exclude(interaction=OuterRef("pk"))
        .order_by()
        .values("agent")
        .annotate(n=Count("interaction", distinct=True))
        .values("n")
    )
    count = Least(Coalesce(Subquery(others), 0) + 1, 3)
    return Case(
        When(channel="chat", assigned_at__isnull=False, closed_by__isnull=False, then=count),
        default=Value(None),
        output_field=IntegerField(),
    )


def _not_told(period: Period) -> Any:
    raise BadQuestion("dimension")


SHIPPED = [
    Dimension(
        "channel",
        _("Channel"),
        lambda period: F("channel"),
        lambda: {channel.name: channel.label for channel in registry.channels()},
    ),
    Dimension(
        "queue",
        _("Queue"),
        lambda period: F("queue__slug"),
        lambda: {queue.slug: queue.name for queue in Queue.objects.all()},
    ),
    Dimension(
        "place",
        _("Site"),
        lambda period: credited("team__place"),
        _places,
        nothing=_("nobody yet"),
    ),
    Dimension(
        "team",
        _("Team"),
        lambda period: credited("team"),
        lambda: {team.pk: team.name for team in Team.objects.all()},
        nothing=_("nobody yet"),
    ),
    Dimension(
        "agent",
        _("Agent"),
        lambda period: credited(),
        lambda: {agent.pk: agent.display_name for agent in Agent.objects.all()},
        nothing=_("nobody yet"),
    ),
    Dimension(
        "subject",
        pgettext_lazy("of an exchange", "Subject"),
        lambda period: subject(),
        _subjects,
        branch,
    ),
    Dimension(
        "language",
        _("Language"),
        lambda period: F("language"),
        lambda: dict(settings.LANGUAGES),
    ),
    Dimension(
        "device",
        _("Device"),
        lambda period: _said("device"),
        lambda: dict(Visit.Device.choices),
    ),
    Dimension(
        "origin",
        _("How it began"),
        lambda period: _said("origin"),
        lambda: dict(Interaction.Origin.choices),
    ),
    Dimension(
        "hours",
        _("Opening hours"),
        _hours,
        lambda: {"open": _("in opening hours"), "closed": _("outside opening hours")},
    ),
    Dimension(
        "parallel",
        _("Chats at once"),
        _parallel,
        lambda: {1: "1", 2: "2", 3: _("3 and more")},
        nothing=_("not a handled chat"),
    ),
    # of agents' time only: an exchange has no state of an agent
    Dimension("state", _("State"), _not_told, lambda: dict(AgentState.State.choices)),
]


def register() -> None:
    for dimension in SHIPPED:
        registry.register_dimension(dimension)
