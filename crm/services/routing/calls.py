"""Calls do not starve behind chats. A call wants a whole person, and whoever gets a new chat for
each one that ends is never free: so for each due call one agent gets no new chats until it is
made."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction

from crm import events
from crm.models import HeldForCall, Interaction, Queue
from crm.services import capacity
from crm.services.capacity import Facts

from . import choosing, lines, why
from .lines import Waiting

_LOOKED_AT = 50  # of one line


def hold_chats_back() -> int:
    """For every line with a due call: choose who makes it, let go who need not. A sweep, and after
    each drain. Returns how many agents get no new chats."""
    whole = capacity.channels_of("whole")
    calls = Interaction.objects.waiting().filter(channel__in=whole, queue__mode=Queue.Mode.PUSH)
    queues = set(calls.order_by().values_list("queue", flat=True))
    queues |= set(HeldForCall.objects.values_list("interaction__queue", flat=True))
    return sum(hold_in(key) for key in sorted(key for key in queues if key is not None))


@transaction.atomic
def hold_in(queue_id: int) -> int:
    """The same for one line."""
    claimed = Queue.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=queue_id)
    if not claimed:
        return 0  # another process is at it
    agents = why.behind(queue_id)
    capacity.lock(agents)
    known = capacity.of(agents)
    before = dict(
        HeldForCall.objects.filter(interaction__queue=queue_id).values_list("agent", "interaction")
    )
    wanted = _wanted(queue_id, known, before)
    if wanted != before:
        gone = [agent for agent, call in before.items() if wanted.get(agent) != call]
        HeldForCall.objects.filter(agent__in=gone).delete()
        new = {agent: call for agent, call in wanted.items() if before.get(agent) != call}
        # a made call of another line may still stand there: that line's turn takes it away
        HeldForCall.objects.bulk_create(
            [HeldForCall(agent_id=agent, interaction_id=call) for agent, call in new.items()],
            ignore_conflicts=True,
        )
        capacity.recount([*gone, *new])
        for agent in gone:
            events.announce(events.place_freed, agent_id=agent)
    return len(wanted)


def _wanted(queue_id: int, known: dict[int, Facts], before: dict[int, int]) -> dict[int, int]:
    """Agent → the call they make next. Never more than half of those who could, rounded up."""
    free = {
        key: replace(facts, held=False)
        for key, facts in known.items()
        if key in before or not facts.held  # one call at a time, also of several lines
    }
    chosen: dict[int, int] = {}
    holder = {call: agent for agent, call in before.items()}
    for row in _first_calls(queue_id, free.values()):
        able = [facts for facts in free.values() if _could_call(facts, row)]
        if len(chosen) >= math.ceil(len(able) / 2):
            break
        left = [facts for facts in able if facts.agent_id not in chosen]
        left.sort(key=lambda facts: (facts.agent_id != holder.get(row.key), *_order(facts, row)))
        if left:
            chosen[left[0].agent_id] = row.key
    return chosen


def _order(facts: Facts, row: Waiting) -> tuple[object, ...]:
    """Whoever has the fewest chats to finish is free first."""
    return (facts.places, *choosing.order(facts, row.need))


def _could_call(facts: Facts, row: Waiting) -> bool:
    """Nothing but open chats keeps them from it."""
    return capacity.failing(facts, row.need, capacity.now()) == ["busy"]


def _first_calls(queue_id: int, agents: Iterable[Facts]) -> Sequence[Waiting]:
    """The calls in front of the first chat that somebody here could take: who has waited longer,
    or is more urgent, goes before them as ever."""
    spoken = {language for facts in agents for language in facts.languages}
    whole = capacity.channels_of("whole")
    line = lines.line(queue_id).values_list("pk", "channel", "language")
    calls = []
    for key, channel, language in line[:_LOOKED_AT]:
        if channel in whole:
            calls.append(key)
        elif language[:2] in spoken:
            break
    return lines.these(calls)
