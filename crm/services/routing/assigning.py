"""Handing out: to whoever is chosen, confirmed under their lock by the same rules.

Lock order: agents by key, then interactions, those that others have locked left to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from crm import clock
from crm.models import Agent, Interaction, Queue, Status, WorkSegment
from crm.services import capacity
from crm.services.capacity import Facts, Need
from crm.services.interactions.giving import Gift, give

from . import calls, choosing, lines, why
from .lines import Waiting

_BATCH = 25  # in one transaction of a drain


def assign_one(interaction_id: int, *, prefer: Agent | None = None) -> Agent | None:
    """Find somebody for this waiting interaction; None when nobody may take it now, and why is
    stored beside it."""
    row = lines.one(interaction_id)
    if row is None:
        return None
    own = why.of_itself(row)
    if not own:
        wanted = prefer.pk if prefer else row.wanted_id
        if (chosen := _first_to_take(row, wanted)) is not None:
            return Agent.objects.get(pk=chosen)
        if _kept(row):
            own = ["kept"]
    why.store(row, own)
    if row.need.load == "whole" and row.queue_id and not own:
        calls.hold_in(row.queue_id)
    return None


def _first_to_take(row: Waiting, wanted: int | None) -> int | None:
    """Ask who is wanted, then the others in their order, each under their lock."""
    if wanted and _give_to(wanted, row.key):
        return wanted
    if row.wanted_id and _keep_for_usual(row):
        return None
    tried = {wanted} if wanted else set()
    while found := choosing.free_agents(row.queue_id, row.need, limit=1, but=tried):
        if _give_to(found[0], row.key):
            return found[0]
        if lines.one(row.key) is None:
            return None  # somebody else was faster
        tried.update(found)
    return None


@transaction.atomic
def _give_to(agent_id: int, key: int) -> bool:
    """This one to this agent, if the rules still say so under the lock."""
    known = _locked_facts([agent_id])
    row = lines.one(key, lock=True)
    return bool(_hand_out(known, [row] if row else []))


def _locked_facts(agents: Sequence[int]) -> dict[int, Facts]:
    capacity.lock(agents)
    return capacity.of(agents)


def _kept(row: Waiting) -> bool:
    until = Interaction.objects.filter(pk=row.key, wanted_until__gt=clock.now())
    return row.wanted_id is not None and until.exists()


def _keep_for_usual(row: Waiting) -> bool:
    """The agent of last time is about to be free: the others are asked a little later. Once."""
    waiting = Interaction.objects.select_related("queue").filter(pk=row.key).first()
    if waiting is None or waiting.queue is None or row.wanted_id is None:
        return False
    at = clock.now()
    if waiting.wanted_until or not waiting.queue.usual_seconds:
        return waiting.wanted_until is not None and waiting.wanted_until > at
    facts = capacity.of([row.wanted_id]).get(row.wanted_id)
    if facts is None or capacity.failing(facts, row.need, capacity.now()) != ["full"]:
        return False
    ending = WorkSegment.objects.filter(
        agent=row.wanted_id, until=None, kind=WorkSegment.Kind.WRAP_UP
    )
    if not ending.exists():
        return False
    until = at + timedelta(seconds=waiting.queue.usual_seconds)
    still = Interaction.objects.filter(pk=row.key, status=Status.WAITING)
    return bool(still.update(wanted_until=until))


def _hand_out(known: dict[int, Facts], waiting: Iterable[Waiting]) -> list[Gift]:
    """Match in line order among locked agents and locked interactions, and store it all."""
    now = capacity.now()
    gifts = []
    for row in waiting:
        able = [facts for facts in known.values() if capacity.may_take(facts, row.need, now)]
        chosen = min(able, key=lambda facts: choosing.order(facts, row.need), default=None)
        if chosen is not None:
            _count(chosen, row.need, now.at)
            gifts.append(Gift(row.key, row.channel, row.queue_id, chosen.agent_id, chosen.name))
    give(gifts, now.at)
    capacity.write(known.values(), now)  # also what was found to be otherwise than it seemed
    return gifts


def _count(facts: Facts, need: Need, at: datetime) -> None:
    if need.load == "place":
        facts.places += 1
    elif need.load == "whole":
        facts.whole += 1
    facts.last_at = at


def fill(agent_id: int) -> int:
    """A place of this agent came free: whoever is first in the lines of their queues comes next.
    Returns how many were given."""
    given, more = 0, True
    while more:
        gifts, more = _next_for(agent_id)
        given += len(gifts)
    return given


def next_please(agent: Agent) -> Interaction | None:
    """The agent asks for one more: the first in the lines of their queues, mail included, that
    the rules let them take."""
    gifts, _more = _next_for(agent.pk, asked=True)
    return Interaction.objects.get(pk=gifts[0].interaction_id) if gifts else None


@transaction.atomic
def _next_for(agent_id: int, *, asked: bool = False) -> tuple[list[Gift], bool]:
    """One more for this agent, and whether they may take yet another. `asked` by themselves:
    queues that are not handed out, and mail."""
    known = _locked_facts([agent_id])
    facts = known.get(agent_id)
    if facts is None:
        return [], False
    loads = _loads_for(facts, (*lines.PUSHED, "background") if asked else lines.PUSHED)
    queues = [key for key in facts.queues if asked or key not in facts.pulls]
    if not loads or not queues:
        return [], False
    waiting = lines.heads(
        queues,
        channels=capacity.channels_of(*loads),
        languages=facts.languages,
        agents=[agent_id],
        limit=1,
    )
    gifts = _hand_out(known, waiting)
    if waiting and not gifts:
        # the first is not for this agent (a skill, a lapse): look behind it, a little
        waiting = lines.heads(
            queues,
            channels=capacity.channels_of(*loads),
            languages=facts.languages,
            agents=[agent_id],
            limit=_BATCH,
        )
        able = (row for row in waiting if capacity.may_take(facts, row.need, capacity.now()))
        gifts = _hand_out(known, [row for row in (next(able, None),) if row])
    return gifts, bool(gifts and _loads_for(facts, lines.PUSHED))


def _loads_for(facts: Facts, loads: Sequence[str]) -> list[str]:
    """The kinds of work of which they may take one now."""
    now = capacity.now()
    language = facts.languages[0] if facts.languages else ""
    return [load for load in loads if capacity.may_take(facts, Need(load, language), now)]


def assign_next(queue: Queue) -> Interaction | None:
    """Give the first in this queue's line to somebody; None when nobody is free or nobody waits."""
    gifts = _batch(queue, 1)
    return Interaction.objects.get(pk=gifts[0].interaction_id) if gifts else None


def drain(queue: Queue | None = None) -> int:
    """Hand out what waits until nobody may take more, many in one transaction. A sweep, and what
    runs when people come."""
    given = 0
    waiting = Interaction.objects.waiting().filter(channel__in=lines.pushed_channels())
    somebody = waiting.order_by().values("queue").distinct()
    queues = [queue] if queue else list(Queue.objects.filter(pk__in=somebody))
    for each in queues:
        while gifts := _batch(each, _BATCH):
            given += len(gifts)
    if queue is None:
        for key in lines.line(None).values_list("pk", flat=True)[:_BATCH]:
            given += assign_one(key) is not None
    return given


def _batch(queue: Queue, size: int) -> list[Gift]:
    """One transaction's worth of this queue's line."""
    if queue.mode == Queue.Mode.PULL:
        return []
    free = {load: choosing.languages_free(queue.pk, load) for load in lines.PUSHED}
    free = {load: languages for load, languages in free.items() if languages}
    if not free:
        return []
    everything = {language for languages in free.values() for language in languages}
    if gifts := _match(queue, list(free), sorted(everything), size):
        return gifts
    # who stands in front wants what nobody free can give: the others are looked at by kind
    for load, languages in free.items():
        for language in languages:
            if gifts := _match(queue, [load], [language], size):
                return gifts
    return []


def _match(queue: Queue, loads: list[str], languages: list[str], size: int) -> list[Gift]:
    """Bring the first of the line and the first who seem free together. Whoever seems free and is
    not, is written down so and asked no more; only when nobody seems free is it over."""
    tried: set[int] = set()
    while True:
        agents = {
            key
            for load in loads
            for language in languages
            for key in choosing.free_agents(queue.pk, Need(load, language), limit=size, but=tried)
        }
        if not agents:
            return []
        with transaction.atomic():
            known = _locked_facts(sorted(agents))
            waiting = lines.heads(
                [queue.pk],
                channels=capacity.channels_of(*loads),
                languages=languages,
                agents=agents,
                limit=size,
            )
            gifts = _hand_out(known, waiting)
        if gifts or not waiting:
            return gifts
        tried |= agents
