"""Which free person gets which waiting interaction, and why not.

`capacity` holds the one rule that says who may take one more. Here: choosing by what is at hand,
confirming under the chosen agent's lock, draining the lines, and saying why something waits."""

from collections.abc import Mapping

from crm import registry
from crm.models import Agent, Queue
from crm.services import capacity

from . import choosing, lines, waits
from .assigning import assign_next, assign_one, drain, fill, next_please
from .calls import hold_chats_back
from .intake import Refusal, one_by_one, refusal, room_before_closing
from .picture import Person, Picture, WhatIf, overview, picture, waiting, what_if
from .waits import Line, Pace, Wait, line, pace
from .why import by_agent, explain_waiting, in_words, reasons, why_not, words

__all__ = [
    "Line",
    "Pace",
    "Person",
    "Picture",
    "Refusal",
    "Wait",
    "WhatIf",
    "assign_next",
    "assign_one",
    "by_agent",
    "drain",
    "expected_wait",
    "explain_waiting",
    "fill",
    "free_agent",
    "free_places",
    "hold_chats_back",
    "in_words",
    "line",
    "next_please",
    "one_by_one",
    "overview",
    "pace",
    "picture",
    "reasons",
    "refusal",
    "room_before_closing",
    "waiting",
    "what_if",
    "why_not",
    "words",
]


def free_places(agent: Agent, channel: str = "chat") -> int:
    """How many more of that channel the agent may get now; 0 when away, on a call or full."""
    facts = capacity.of([agent.pk]).get(agent.pk)
    if facts is None or not facts.languages:
        return 0
    need = capacity.Need(registry.channel(channel).load, facts.languages[0])
    return capacity.room(facts, need, capacity.now())


def free_agent(
    queue: Queue | None,
    *,
    channel: str = "chat",
    language: str = "fr",
    held: Mapping[int, int] | None = None,
) -> Agent | None:
    """Who would get the next one, without a lock: for invitations and honest buttons.

    `held`: places already promised per agent id, by invitations on screens."""
    found = choosing.confirmed(queue, channel, language, held or {})
    return Agent.objects.get(pk=found.agent_id) if found else None


def expected_wait(queue: Queue, *, channel: str = "chat") -> Wait | None:
    """What a newcomer would wait: nothing when somebody is free; None when it cannot be told, so
    that nothing is promised."""
    if free_agent(queue, channel=channel) is not None:
        return Wait(0, 0)
    return waits.pace(queue.pk).wait(lines.line(queue.pk).count() + 1)
