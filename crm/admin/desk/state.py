"""Everything the desk needs at its start, in one JSON and a constant number of queries."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Agent, AgentSkill, AgentState, Interaction, Queue, Subject
from crm.services import (
    access,
    answering,
    capacity,
    files,
    interactions,
    pauses,
    posting,
    presence,
    supervising,
)

from . import filling, rows, texts

State = AgentState.State
_EVENING, _MORNING = time(18), time(8)
_LOOKED_AT = ("greeting", "name", "formal", "capitals", "closing")


def snapshot(user: Any) -> dict[str, Any]:
    """What changes while the desk is open: the rows, and me. A screen merges it by number."""
    agent = access.agent_of(user)
    mine = AgentSkill.objects.filter(agent=agent, queue=OuterRef("pk"))
    queues = list(Queue.objects.select_related("tone").annotate(is_mine=Exists(mine)))
    agents = list(_agents())
    return {
        "now": posting.iso(clock.now()),
        "me": _me(user, agent, queues, agents),
        "queues": [_queue(queue) for queue in queues],
        "rows": rows.rows(user, agent, rows.keys_on_desk(user, agent)),
        "snoozes": snoozes(),
        "colleagues": [_colleague(one) for one in agents if one != agent],
    }


def _queue(queue: Queue) -> dict[str, Any]:
    """Its name, and how we write there."""
    guide = getattr(queue, "tone", None)
    tone = guide and {
        **{name: getattr(guide, name) for name in _LOOKED_AT},
        "exclamations": guide.most_exclamations,
        "words": guide.most_words,
        "closings": {"fr": guide.closing_fr, "en": guide.closing_en or guide.closing_fr},
    }
    return {"id": queue.pk, "name": queue.name, "tone": tone}


def initial(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    state = snapshot(user)
    base = reverse("admin:workspace")
    return state | {
        "language": get_language(),
        "csrf": get_token(request),
        "urls": {
            "base": base,
            "socket": "/ws/console/",
            "customer": reverse("admin:crm_customer_change", args=[0]),
        },
        "most_bytes": files.MOST_BYTES,
        "most_letter_bytes": answering.MOST_BYTES,
        "pictures": sorted(files.PICTURES),
        "channels": rows.channels(),
        "subjects": subjects(),
        "outcomes": [[code.value, str(code.label)] for code in interactions.BY_HAND],
        "natures": [[code, str(label)] for code, label in Interaction.Nature.choices],
        "states": [[code, str(State(code).label)] for code in State.values],
        "own": filling.fields(),
        "words": {code: str(label) for code, label in Interaction.Outcome.choices},
        "texts": texts.texts(),
    }


def _me(user: Any, agent: Agent | None, queues: list[Any], agents: list[Any]) -> dict[str, Any]:
    if agent is None:
        return {
            "id": None,
            "user": user.pk,
            "leads": user.has_perm(supervising.MAY),
            "name": user.get_short_name(),
            "places": 0,
            "queues": None,
            "state": None,
            "reason": "",
            "since": None,
        }
    now = next((one for one in agents if one == agent), None)
    return {
        "id": agent.pk,
        "user": user.pk,
        "leads": user.has_perm(supervising.MAY),
        "name": agent.display_name,
        "places": capacity.of([agent.pk])[agent.pk].limit,
        "break": pauses.place(agent),
        "queues": _queues_seen(user, queues),
        "state": (now and now.now_state) or State.OFFLINE,
        "reason": (now and now.now_reason) or "",
        "since": rows.iso(now.now_since) if now else None,
    }


def _queues_seen(user: Any, queues: list[Any]) -> list[int] | None:
    """The queues whose waiting line shows; None: all of them."""
    if user.has_perm("crm.view_all_interactions"):
        return None
    return sorted(queue.pk for queue in queues if queue.is_mine)


def _agents() -> QuerySet[Any]:
    """Everybody who answers, with what they do now."""
    active = Agent.objects.filter(user__is_active=True)
    return presence.with_states(active).order_by("display_name", "pk")


def _colleague(one: Any) -> dict[str, Any]:
    """Whom one can hand an exchange to."""
    return {
        "id": one.pk,
        "name": one.display_name,
        "simulated": one.is_simulated,
        "state": one.now_state or State.OFFLINE,
        "since": rows.iso(one.now_since),
    }


def subjects() -> list[dict[str, Any]]:
    """The leaves, each with its branch: what a closing code may name."""
    used = list(
        Subject.objects.filter(is_active=True)
        .annotate(branch=F("parent"))
        .filter(Q(parent=None) | Q(parent__is_active=True))
    )
    branches = {subject.parent_id for subject in used}
    names = {subject.pk: subject.name for subject in used}
    return [
        {"id": s.pk, "name": s.name, "branch": names.get(s.parent_id or 0, "")}
        for s in used
        if s.pk not in branches
    ]


def snoozes(at: datetime | None = None) -> list[dict[str, str]]:
    """The usual times to be reminded at, in the installation's zone."""
    at = at or clock.now()
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    today, zone = local.date(), local.tzinfo
    monday = today + timedelta(days=7 - today.weekday())
    moments = [
        (_("In 15 minutes"), at + timedelta(minutes=15)),
        (_("In one hour"), at + timedelta(hours=1)),
        (_("This evening"), datetime.combine(today, _EVENING, zone)),
        (_("Tomorrow morning"), datetime.combine(today + timedelta(days=1), _MORNING, zone)),
        (_("Monday morning"), datetime.combine(monday, _MORNING, zone)),
        (_("In one week"), datetime.combine(today + timedelta(days=7), _MORNING, zone)),
    ]
    return [{"label": label, "at": posting.iso(when)} for label, when in moments if when > at]
