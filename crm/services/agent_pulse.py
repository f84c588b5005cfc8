"""The agent pulse: who is asked, what they said, and what of it may be shown.

Managers read groups: no share is given of fewer than GROUP people."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from crm import clock
from crm.models import Agent, ExchangePulse, Interaction, WeekPulse

GROUP = 5  # people who answered, at least
_ONE_IN = 6  # exchanges are asked about
_LATE = timedelta(hours=12)  # after it was closed it is no impression any more


class NotAsked(Exception):
    """Not one of those exchanges, not theirs, or too long ago."""


def is_asked(interaction: Interaction, agent: Agent) -> bool:
    """One in six of what this agent closed, the same ones whenever we look."""
    drawn = crc32(f"pulse:{interaction.pk}".encode()) % _ONE_IN == 0
    return bool(
        drawn
        and interaction.closed_by_id == agent.pk
        and interaction.closed_at
        and interaction.closed_at > clock.now() - _LATE
        and interaction.outcome not in Interaction.NOT_COUNTED
    )


@transaction.atomic
def tap(
    interaction: Interaction, agent: Agent, *, explicit: bool | None, cordial: bool | None
) -> ExchangePulse:
    """The last word of each question counts; none takes nothing back. Raises NotAsked."""
    if not is_asked(interaction, agent) or (explicit is None and cordial is None):
        raise NotAsked
    said = {"explicit": explicit, "cordial": cordial}
    given = {name: answer for name, answer in said.items() if answer is not None}
    made, _fresh = ExchangePulse.objects.update_or_create(
        interaction=interaction, agent=agent, defaults=given
    )
    return made


def monday(at: datetime | None = None) -> date:
    """Of the week that is asked about, in the installation's zone."""
    today = (at or clock.now()).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return today - timedelta(days=today.weekday())


def week_of(agent: Agent) -> str:
    """What they said of this week; empty: nothing yet."""
    said = WeekPulse.objects.filter(agent=agent, monday=monday()).values_list("load", flat=True)
    return said.first() or ""


@transaction.atomic
def say_week(agent: Agent, load: str) -> WeekPulse:
    made, _fresh = WeekPulse.objects.update_or_create(
        agent=agent, monday=monday(), defaults={"load": load}
    )
    return made


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; None where fewer than GROUP people stand behind it."""

    yes: int | None
    of: int | None


def shares(
    pulses: QuerySet[ExchangePulse], weeks: QuerySet[WeekPulse] | None = None
) -> dict[str, Share]:
    """Of a group: `explicit`, `cordial`, and with `weeks` `just_right`."""
    found = {name: _share(pulses, name, True) for name in ("explicit", "cordial")}
    if weeks is not None:
        found["just_right"] = _share(weeks, "load", WeekPulse.Load.JUST_RIGHT)
    return found


def _share(rows: QuerySet[ExchangePulse] | QuerySet[WeekPulse], name: str, yes: object) -> Share:
    said = rows.exclude(**{name: None}).aggregate(
        people=Count("agent", distinct=True), of=Count("pk"), yes=Count("pk", Q(**{name: yes}))
    )
    return Share(said["yes"], said["of"]) if said["people"] >= GROUP else Share(None, None)
