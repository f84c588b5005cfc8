"""Breaks: free, or by a team's quota, then in line. A break never closes a chat."""

from datetime import datetime

from django.db import transaction

from crm import clock, events
from crm.models import Agent, AgentState, PauseRequest, Team
from crm.services import presence

State = AgentState.State


@transaction.atomic
def ask(agent: Agent, *, reason: str = "", at: datetime | None = None) -> int:
    """Go on a break, or get in line for one. 0: on a break now; else the place in line."""
    at = at or clock.now()
    team = _locked(agent)
    if team is None or team.pause_quota is None or _free(team):
        PauseRequest.objects.filter(agent=agent).delete()
        presence.set_state(agent, State.BREAK, reason=reason, at=at)
        return 0
    PauseRequest.objects.get_or_create(agent=agent, defaults={"reason": reason, "asked_at": at})
    return place(agent) or 1


@transaction.atomic
def say_state(agent: Agent, state: str, *, reason: str = "") -> int:
    """The agent says what they do now, a break by their team's quota. Returns their place in line
    for a break; 0 when they do what they said."""
    if state == State.BREAK:
        return ask(agent, reason=reason)
    PauseRequest.objects.filter(agent=agent).delete()
    presence.set_state(agent, state, reason=reason)
    return 0


def place(agent: Agent) -> int | None:
    """Their place in line for a break; None when they wait for none."""
    mine = PauseRequest.objects.filter(agent=agent).first()
    if mine is None:
        return None
    before = PauseRequest.objects.filter(agent__team=agent.team, asked_at__lt=mine.asked_at)
    return before.count() + 1


def _locked(agent: Agent) -> Team | None:
    """A team's breaks are given one after the other."""
    if agent.team_id is None:
        return None
    return Team.objects.select_for_update(no_key=True).get(pk=agent.team_id)


def _free(team: Team) -> bool:
    away = AgentState.objects.filter(agent__team=team, until=None, state=State.BREAK)
    return away.count() < (team.pause_quota or 0)


def give(at: datetime | None = None) -> int:
    """Whoever is next and whose team has a break free goes now. A sweep, and what runs when
    somebody comes back."""
    count = 0
    waiting = PauseRequest.objects.select_related("agent__team")
    for asked in waiting.order_by("asked_at", "pk"):
        count += _give(asked, at or clock.now())
    return count


@transaction.atomic
def _give(asked: PauseRequest, at: datetime) -> bool:
    agent = asked.agent
    team = _locked(agent)
    if not PauseRequest.objects.filter(pk=asked.pk).exists():
        return False
    if presence.state_of(agent) not in AgentState.READY:
        PauseRequest.objects.filter(pk=asked.pk).delete()  # gone otherwise: no break to give
        return False
    if team is not None and team.pause_quota is not None and not _free(team):
        return False
    PauseRequest.objects.filter(pk=asked.pk).delete()
    presence.set_state(agent, State.BREAK, reason=asked.reason, at=at)
    events.push(f"agent:{agent.pk}", "break", id=agent.pk)
    return True
