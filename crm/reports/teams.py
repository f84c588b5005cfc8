"""Teams and agents by week: one team or one person at a time, never side by side, never ranked.

Agents read their own weeks, leads their team's, managers every team's. A week in which fewer than
five people of a team answered is not shown as the team's: it would be somebody's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Agent, Team
from crm.reports import measures, values, words
from crm.reports.charts import plots
from crm.reports.cut import Cut
from crm.reports.figures import BAND
from crm.reports.period import Period, today
from crm.reports.rollup import reading
from crm.reports.stats import FEW
from crm.reports.values import Ratio, Times, Value
from crm.services import access

GROUP = 5
WEEKS = 8
KEPT = timedelta(days=366)  # older weeks are nobody's any more
FIGURES = ("handled", "handling_time", "occupancy", "concurrency", "first_contact_resolution",
           "satisfaction", "chat_to_call")  # fmt: skip
MAY_SEE_ALL = "crm.view_reports"


class NotYours(Exception):
    """Not a team or a person whose weeks this colleague may read."""


@dataclass(frozen=True)
class Whose:
    """A team, or one person; what else may be chosen."""

    team: Team | None
    person: Agent | None
    teams: list[Team]
    people: list[Agent]

    @property
    def label(self) -> str:
        return str(self.person or self.team or _("All together"))

    @property
    def is_group(self) -> bool:
        return self.person is None

    @property
    def where(self) -> dict[str, str]:
        if self.person is not None:
            return {"agent": str(self.person.pk)}
        return {"team": str(self.team.pk)} if self.team else {}


@dataclass(frozen=True)
class Week:
    """One line; the values are None where too few people stand behind them."""

    cut: Cut
    values: dict[str, Value] | None
    states: Mapping[str, Ratio] = field(default_factory=dict)  # the time in each

    @property
    def label(self) -> str:
        first = date_format(self.cut.period.first, "j M")
        return _("week of %(day)s") % {"day": first}


def may_look(user: Any) -> bool:
    """Whoever answers, and whoever leads."""
    return bool(user.has_perm(MAY_SEE_ALL) or access.agent_of(user) is not None)


def whose(user: Any, team: str = "", person: str = "") -> Whose:
    """What was asked for, else one's own: a manager's first team, a lead's, an agent's own weeks.
    Raises NotYours."""
    me = access.agent_of(user)
    teams = _teams(user, me)
    chosen = _one(teams, team) if team else next((one for one in teams if _is(one, me)), None)
    chosen = chosen or next(iter(teams), None)
    people = _people(me, chosen, teams)
    if person:
        return Whose(chosen, _one(people, person), teams, people)
    return Whose(chosen, None if chosen else me, teams, people)


def _is(team: Team, me: Agent | None) -> bool:
    return me is not None and me.team_id == team.pk


def _teams(user: Any, me: Agent | None) -> list[Team]:
    if user.has_perm(MAY_SEE_ALL):
        return list(Team.objects.all())
    if me is not None and me.team and user.has_perm("crm.view_team_interactions"):
        return [me.team]
    return []


def _people(me: Agent | None, team: Team | None, teams: list[Team]) -> list[Agent]:
    """In the alphabet's order, oneself first."""
    own = [me] if me else []
    if team is None or team not in teams:
        return own
    mates = Agent.objects.filter(team=team, is_simulated=False, user__is_active=True)
    return own + [one for one in mates if one != me]


def _one(known: Iterable[Any], key: str) -> Any:
    for one in known:
        if str(one.pk) == key:
            return one
    raise NotYours(key)


def weeks(who: Whose, last: date | None = None) -> list[Week]:
    """The eight up to that day's, the oldest first."""
    last = min(last or today(), today())
    monday = last - timedelta(days=last.weekday())
    starts = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    periods = [Period(start, start + timedelta(days=6)) for start in starts]
    with reading.instant() as now:
        now.together([*FIGURES, "conversation_time"])
        now.ahead(Period(starts[0], last))
        return [
            _week(Cut(period, who.where, instant=now), who)
            for period in periods
            if period.last > today() - KEPT
        ]


def _week(cut: Cut, who: Whose) -> Week:
    if who.is_group and _behind(cut) < GROUP:
        return Week(cut, None)
    chats = cut.with_("channel", "chat")
    found = {
        name: measures.get(name).total(chats if name == "handling_time" else cut)
        for name in FIGURES
    }
    return Week(cut, found, measures.get("time_in_states").by(cut, registry.dimension("state")))


def states(found: list[Week]) -> tuple[list[str], list[tuple[Week, list[str]]]]:
    """(names of the states, weeks with the time in each), of those that somebody was in."""
    known = {key: name for key, name in registry.dimension("state").choices().items()
             if any(key in week.states for week in found)}  # fmt: skip
    lines = [
        (week, [words.value("time", week.states.get(key)) for key in known])
        for week in found
        if week.states
    ]
    return [*map(str, known.values())], lines


def _behind(cut: Cut) -> int:
    """People who closed something in these days."""
    found = measures.get("handled").by(cut, registry.dimension("agent"))
    return sum(agent is not None and n > 0 for agent, n in found.items())


def plot(found: list[Week]) -> plots.Plot:
    """The mean of a week against the band."""
    handling = [(week.values or {}).get("handling_time") for week in found]
    means = [one.mean if isinstance(one, Times) else None for one in handling]
    return plots.lines(
        _("Mean chat handling time per week"),
        [date_format(week.cut.period.first, "j M") for week in found],
        [plots.Series("chat", _("Chat"), means)],
        say=words.minutes,
        unit=60,
        band=BAND,
        band_label=_("8 to 10 min"),
        first_column=_("Week of"),
    )


def head() -> list[Any]:
    return [measures.get(name) for name in FIGURES]


def cells(week: Week) -> list[dict[str, Any]]:
    """A line in words, in the order of the head."""
    if week.values is None:
        return []
    line = []
    for measure in head():
        value = week.values[measure.name]
        said = words.value(measure.unit, value)
        few = measure.name in ("satisfaction", "first_contact_resolution")
        few = few and values.count(value) < FEW
        line.append({"said": said, "beside": words.beside(value, measure.unit), "few": few})
    return line
