"""How long somebody would wait and at which place, as honestly as it can be said."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import DurationField, F, Value
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Agent, AgentState, Interaction, Status
from crm.services import capacity

from . import lines

_LOOK_BACK = timedelta(days=7)
_MOST = 30  # the last ones of that time
_FEWEST = 3  # below, they say nothing
_LONGEST = timedelta(hours=1)  # for one: beyond, somebody forgot to close
_HALF = 0.67  # standard deviations
_FARTHEST = 120  # minutes: beyond, only "long" is honest


def _rounded(minutes: float, way: Callable[[float], int]) -> int:
    """To five minutes from ten on: nobody knows it better."""
    step = 5 if minutes > 10 else 1
    return way(minutes / step) * step


@dataclass(frozen=True, slots=True)
class Wait:
    """Between `low` and `high` minutes."""

    low: int
    high: int

    @property
    def minutes(self) -> int:
        """About the middle, where there is room for one figure only."""
        return math.ceil((self.low + self.high) / 2)

    def in_words(self) -> str:
        if self.low >= 60:
            return _("more than an hour")
        return _("%(low)d to %(high)d minutes") % {"low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a line moves: what the people who are here hold of its queue, and how long one has
    taken lately. (Counting who left the line would measure how many came, while there is room.)"""

    people: int  # here, and in a state to answer
    held: int  # of this queue, in their hands
    finished: int  # lately, and looked at
    seconds: float  # that one of these took on average

    @property
    def per_hour(self) -> float:
        """How many leave the line in an hour; 0: it cannot be told."""
        known = self.held and self.seconds and self.finished >= _FEWEST
        return self.held * 3600 / self.seconds if known else 0.0

    def wait(self, turn: int) -> Wait | None:
        """For the one who is served as the `turn`th. None: it cannot be told, so nothing is
        promised. Half of all waits end in between: what chance leaves open in the turns to come,
        and in the mean."""
        if not self.per_hour:
            return None
        each = 60 / self.per_hour
        doubt = _HALF / math.sqrt(self.finished)
        chance = _HALF * math.sqrt(turn)
        low = (turn - chance) * each * (1 - doubt)
        high = (turn + chance) * each * (1 + doubt)
        if low > _FARTHEST:
            return None
        return Wait(max(1, _rounded(low, math.floor)), max(2, _rounded(high, math.ceil)))


@dataclass(frozen=True, slots=True)
class Line:
    """One queue's line at one moment: everybody's place, and what each may be told."""

    pace: Pace
    places: Mapping[int, int] = field(default_factory=dict)  # interaction → 1: next

    def wait(self, interaction_id: int) -> Wait | None:
        return self.pace.wait(self.places[interaction_id])


def pace(queue_id: int, at: datetime | None = None) -> Pace:
    """Three queries, however many wait."""
    at = at or clock.now()
    channels = lines.pushed_channels()
    here = Agent.objects.filter(
        skills__queue=queue_id,
        heartbeat__seen_at__gte=capacity.now().alive_since,
        states__until=None,
        states__state__in=AgentState.READY,
    )
    people = list(here.values_list("pk", flat=True))
    held = Interaction.objects.filter(
        agent__in=people, status=Status.ACTIVE, queue=queue_id, channel__in=channels
    )
    took = F("handled_at") - Coalesce("held_since", "assigned_at")
    recent = Interaction.objects.filter(
        queue=queue_id,
        channel__in=channels,
        closed_at__gte=at - _LOOK_BACK,
        closed_at__lte=at,
        closed_by__isnull=False,
        assigned_at__isnull=False,
    ).order_by("-closed_at")
    capped = Least(took, Value(_LONGEST), output_field=DurationField())
    spans = [span.total_seconds() for span in recent.values_list(capped, flat=True)[:_MOST]]
    mean = sum(spans) / len(spans) if spans else 0.0
    return Pace(len(people), held.count(), len(spans), mean)


def line(queue_id: int) -> Line:
    """Four queries for everybody in it, one while nobody waits."""
    keys = list(lines.line(queue_id).values_list("pk", flat=True))
    if not keys:
        return Line(Pace(0, 0, 0, 0.0))
    return Line(pace(queue_id), {key: place for place, key in enumerate(keys, 1)})
