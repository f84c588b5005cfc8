"""How long somebody would wait, as honestly as it can be said."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from crm import clock
from crm.models import AgentState, Interaction, Queue, Standing, Status
from crm.models.interaction import line_place
from crm.services import capacity

from . import lines

_LOOK_BACK = timedelta(minutes=30)
_FEWEST = 3  # answered in that time: below, the pace says nothing


@dataclass(frozen=True)
class Wait:
    """Between `low` and `high` minutes. The ends are what a Poisson pace leaves open."""

    low: int
    high: int
    position: int

    @property
    def minutes(self) -> int:
        return math.ceil((self.low + self.high) / 2)


def pace(queue: Queue, at: datetime) -> int:
    """How many left this queue's line for an agent in the last half hour."""
    recent = Interaction.objects.filter(
        queue=queue,
        channel__in=lines.pushed_channels(),
        assigned_at__gte=at - _LOOK_BACK,
        assigned_at__lte=at,
    )
    return recent.count()


def wait(queue: Queue, *, ahead: int, at: datetime | None = None) -> Wait | None:
    """For somebody with so many in front of them. None: it cannot be told, so nothing is promised.

    Only while somebody is there to answer, and with a pace to go by; recent pace times the people
    who are there now over those who made it would be guesswork on guesswork."""
    at = at or clock.now()
    answered = pace(queue, at)
    if answered < _FEWEST or not _anybody(queue):
        return None
    minutes = _LOOK_BACK.total_seconds() / 60
    spread = math.sqrt(answered)
    turn = ahead + 1
    # the slower and the faster pace, and the chance in one's own place in line
    slow = minutes / max(1.0, answered - spread)
    fast = minutes / (answered + spread)
    low = max(0.0, turn - math.sqrt(turn)) * fast
    high = (turn + math.sqrt(turn)) * slow
    return Wait(max(1, math.floor(low)), max(2, math.ceil(high)), turn)


def _anybody(queue: Queue) -> bool:
    """Somebody behind the queue is here and in a state to answer."""
    alive = capacity.now().alive_since
    here = Standing.objects.filter(queue=queue, agent__heartbeat__seen_at__gte=alive)
    return here.filter(
        agent__states__until=None, agent__states__state__in=AgentState.READY
    ).exists()


def position(interaction: Interaction) -> int | None:
    """1: next. None when it does not wait in a line."""
    row = (
        Interaction.objects.filter(pk=interaction.pk, status=Status.WAITING)
        .annotate(place=line_place())
        .first()
    )
    if row is None or row.queue is None:
        return None
    before = (
        Interaction.objects.waiting()
        .filter(queue=row.queue, channel__in=lines.pushed_channels())
        .annotate(place=line_place())
        .filter(Q(place__lt=row.place) | Q(place=row.place, pk__lt=row.pk))
    )
    return before.count() + 1
