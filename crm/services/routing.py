"""Which free person gets which waiting interaction, and why not.

One query says who may take one more (`_takers`); it chooses without a lock and confirms under the
chosen agent's lock, because between the two a colleague process may have filled the place.
Lock order: agent, then interaction, each by key."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from crm import clock, registry
from crm.models import Agent, AgentState, Heartbeat, Interaction, Queue, Status, WorkSegment
from crm.services import interactions, presence

_PUSHED = ("place", "whole")  # mail is background work: agents help themselves


def _channels(load: str) -> list[str]:
    return [channel.name for channel in registry.channels() if channel.load == load]


def _held(load: str) -> Coalesce:
    """How many interactions of that load an agent has in hand, from a small partial index."""
    in_hand = Interaction.objects.filter(
        agent=OuterRef("pk"), status=Status.ACTIVE, channel__in=_channels(load)
    )
    counted = in_hand.order_by().values("agent").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _loads(agents: QuerySet[Agent]) -> QuerySet[Any]:
    """Annotate agents with what they hold: `places` used, `whole` calls, when last assigned."""
    last = WorkSegment.objects.filter(agent=OuterRef("pk")).order_by("-since").values("since")[:1]
    return agents.annotate(
        places=_held("place"), whole=_held("whole"), last_assigned=Subquery(last)
    )


def _takers(channel: str) -> QuerySet[Any]:
    """Agents who may take one more interaction of that channel, at this moment."""
    alive = clock.wall() - presence.AWAY_AFTER
    ready = _loads(
        Agent.objects.filter(
            user__is_active=True,
            heartbeat__seen_at__gte=alive,
            states__until=None,
            states__state__in=AgentState.READY,
        )
    ).filter(whole=0)
    if registry.channel(channel).load == "whole":
        return ready.filter(places=0)
    return ready.filter(places__lt=F("chat_places"))


def _line_up(queue: Queue | None, channel: str, language: str) -> QuerySet[Any]:
    """The takers of a queue, the one to choose first: lightest load, then longest idle."""
    takers = _takers(channel).filter(languages__contains=language)
    if queue is not None:
        takers = takers.filter(skills__queue=queue)
    return takers.order_by("places", F("last_assigned").asc(nulls_first=True), "pk")


def free_places(agent: Agent, channel: str = "chat") -> int:
    """How many more of that channel the agent may get now; 0 when away, on a call or full."""
    taker = _takers(channel).filter(pk=agent.pk).first()
    if taker is None:
        return 0
    return 1 if registry.channel(channel).load == "whole" else taker.chat_places - taker.places


def free_agent(
    queue: Queue | None,
    *,
    channel: str = "chat",
    language: str = "fr",
    held: Mapping[int, int] | None = None,
) -> Agent | None:
    """Who would get the next one, without a lock: for invitations and honest buttons.

    `held`: places already promised per agent id, by invitations on screens."""
    held = held or {}
    for agent in _line_up(queue, channel, language):
        if agent.places + held.get(agent.pk, 0) < agent.chat_places:
            return agent
    return None


def assign_one(interaction_id: int, *, prefer: Agent | None = None) -> Agent | None:
    """Find somebody for this waiting interaction; None when nobody may take it now."""
    interaction = Interaction.objects.select_related("queue").filter(pk=interaction_id).first()
    if interaction is None or interaction.status != Status.WAITING:
        return None
    if registry.channel(interaction.channel).load not in _PUSHED:
        return None
    if prefer is None and interaction.reopened:
        prefer = interaction.closed_by  # who knows it already, if there is a place
    candidates = list(_line_up(interaction.queue, interaction.channel, interaction.language))
    if prefer is not None:
        candidates.sort(key=lambda agent: agent.pk != prefer.pk)
    for agent in candidates:
        if _confirm(interaction, agent):
            return agent
    return None


def _confirm(interaction: Interaction, agent: Agent) -> bool:
    """Lock the agent, ask the same question again, and take the interaction if it still waits."""
    with transaction.atomic():
        Agent.objects.select_for_update().get(pk=agent.pk)
        if not _takers(interaction.channel).filter(pk=agent.pk).exists():
            return False
        row = (
            Interaction.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=interaction.pk, status=Status.WAITING)
            .first()
        )
        if row is None:
            return False
        interactions.assign(row, agent)
        return True


def _line(queue: Queue | None = None) -> QuerySet[Interaction]:
    """The waiting interactions that routing hands out, first in line first."""
    pushed = [name for load in _PUSHED for name in _channels(load)]
    line = Interaction.objects.waiting().filter(channel__in=pushed)
    if queue is not None:
        line = line.filter(queue=queue)
    return line.order_by("-priority", "waiting_since", "pk")


def assign_next(queue: Queue) -> Interaction | None:
    """Give the first in this queue's line to somebody; None when nobody is free or nobody waits."""
    for interaction in _line(queue)[:20]:
        if assign_one(interaction.pk):
            interaction.refresh_from_db()
            return interaction
    return None


def drain(queue: Queue | None = None) -> int:
    """Hand out what waits until nobody may take more. A sweep, and what runs when a place frees."""
    given = 0
    queues = [queue] if queue else list(Queue.objects.filter(interactions__in=_line()).distinct())
    for each in queues:
        while assign_next(each):
            given += 1
    return given


def why_not(interaction: Interaction) -> list[tuple[Agent, str]]:
    """One code per agent behind the queue who may not take it: the first rule that fails.

    Codes: inactive, offline, state, language, on_call, full, busy (not wholly free for a call)."""
    alive = clock.wall() - presence.AWAY_AFTER
    seen = dict(Heartbeat.objects.values_list("agent_id", "seen_at"))
    states = dict(AgentState.objects.filter(until=None).values_list("agent_id", "state"))
    whole = registry.channel(interaction.channel).load == "whole"
    agents = _loads(Agent.objects.filter(skills__queue=interaction.queue)).select_related("user")
    found = []
    for agent in agents:
        failing = {
            "inactive": not agent.user.is_active,
            "offline": agent.pk not in seen or seen[agent.pk] < alive,
            "state": states.get(agent.pk) not in AgentState.READY,
            "language": interaction.language not in agent.languages,
            "on_call": agent.whole > 0,
            "busy": whole and agent.places > 0,
            "full": not whole and agent.places >= agent.chat_places,
        }
        code = next((code for code, fails in failing.items() if fails), None)
        if code:
            found.append((agent, code))
    return found


def expected_wait(queue: Queue, *, channel: str = "chat") -> int | None:
    """Minutes a newcomer would wait, from the pace of the last half hour; 0 when somebody is free,
    None when nothing was answered in that time, so that nothing is promised."""
    if free_agent(queue, channel=channel) is not None:
        return 0
    since = clock.now() - timedelta(minutes=30)
    pace = Interaction.objects.filter(
        queue=queue, channel=channel, assigned_at__gte=since
    ).aggregate(answered=Coalesce(Count("pk"), 0))["answered"]
    if not pace:
        return None
    ahead = _line(queue).count() + 1
    return max(1, round(ahead * 30 / pace))
