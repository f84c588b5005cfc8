"""What administrators look at: who could take the next one now, and what if. Everything is asked
of the rules that routing itself asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from crm import clock, registry
from crm.models import Agent, AgentState, Interaction, Queue, Requirement, Subject
from crm.services import capacity
from crm.services.capacity import Facts, Need
from crm.services.capacity.imagined import Source

from . import choosing, why


@dataclass(frozen=True)
class Person:
    """One agent, and all the rules that keep them from taking it; none: they may."""

    agent: Agent
    facts: Facts
    codes: list[str]

    @property
    def state(self) -> str:
        return str(AgentState.State(self.facts.state).label)

    @property
    def words(self) -> list[str]:
        return why.words(self.codes)


@dataclass(frozen=True)
class Picture:
    """Who could take the next one of a kind, the one to be asked first in front."""

    at: datetime
    queue: Queue | None
    channel: str
    language: str
    own: list[str]  # why nobody is asked at all (why.OWN)
    people: list[Person]
    source: Source

    @property
    def own_words(self) -> list[str]:
        return why.in_words({"": self.own})


def picture(
    queue: Queue | None, *, channel: str, language: str, at: datetime | None = None
) -> Picture:
    """Who could take one more of that channel and language: now, or at another moment."""
    at = at or clock.now()
    need = capacity.need(channel, language, queue.pk if queue else None)
    moment = capacity.imagined.at_moment(why.behind(need.queue_id), at)
    agents = Agent.objects.select_related("team").in_bulk(list(moment.known))
    people = [
        Person(agents[key], facts, capacity.failing(facts, need, moment.now))
        for key, facts in moment.known.items()
    ]
    own = why.of_queue(queue, channel, need) + ([] if people else ["nobody"])
    people.sort(key=lambda one: _place(one, need))
    return Picture(at, queue, channel, language, own, people, moment.source)


def _place(person: Person, need: Need) -> tuple[Any, ...]:
    if person.codes:
        return (1, len(person.codes), person.agent.display_name, person.agent.pk)
    return (0, choosing.order(person.facts, need))


@dataclass(frozen=True)
class WhatIf:
    """What would become of a request: which hours, which queue, who could take it."""

    subject: Subject
    is_open: bool
    closes_at: datetime | None
    next_opening: datetime | None
    off_hours: bool  # its queue is closed then, and another one serves it
    picture: Picture


def what_if(subject: Subject, *, channel: str, language: str, at: datetime) -> WhatIf:
    """For a customer who comes with that at that moment, also a past or a coming one."""
    hours = subject.hours()
    queue = subject.queue_at(at)
    return WhatIf(
        subject,
        subject.is_open(at),
        hours.closes_at(at) if hours else None,
        hours.next_opening(at) if hours else None,
        queue is not None and queue.pk != subject.queue_id,
        picture(queue, channel=channel, language=language, at=at),
    )


@dataclass(frozen=True)
class Line:
    """A queue in one row: who waits, and how many could take one at once."""

    queue: Queue
    waiting: int
    free: dict[str, int]  # channel → agents who could take one now
    people: int


def overview(queues: Sequence[Queue], channels: Sequence[str]) -> list[Line]:
    """All queues, for the language that each agent speaks first. A fixed number of queries."""
    waiting = Interaction.objects.waiting().order_by().values_list("queue")
    counted = dict(waiting.annotate(Count("pk")))
    required: dict[int, dict[int, int]] = {queue.pk: {} for queue in queues}
    for requirement in Requirement.objects.filter(queue__in=required):
        required[requirement.queue_id][requirement.skill_id] = requirement.level
    known = list(capacity.of(Agent.objects.values_list("pk", flat=True)).values())
    now = capacity.now()
    found = []
    for queue in queues:
        there = [facts for facts in known if queue.pk in facts.queues]
        free = {
            channel: sum(
                capacity.may_take(facts, _any(channel, facts, queue, required), now)
                for facts in there
            )
            for channel in channels
        }
        found.append(Line(queue, counted.get(queue.pk, 0), free, len(there)))
    return found


def _any(channel: str, facts: Facts, queue: Queue, required: dict[int, dict[int, int]]) -> Need:
    return Need(
        registry.channel(channel).load, (facts.languages or [""])[0], queue.pk, required[queue.pk]
    )


def waiting(queue: Queue, user: Any) -> QuerySet[Interaction]:
    """Those of its line whom the user may see, mails too, first in line first, with the reasons
    that were stored."""
    rows = Interaction.objects.waiting().visible_to(user).filter(queue=queue).in_line()
    return rows.select_related("customer", "subject", "unassigned")
