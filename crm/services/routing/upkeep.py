"""What time alone changes: offers nobody answered, people who are lost, customers who fell silent,
lines that nobody serves. Each is a sweep, and may run twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from crm import clock
from crm.models import (
    Agent,
    AgentSkill,
    AgentState,
    Interaction,
    Participant,
    Queue,
    Status,
)
from crm.services import capacity, interactions, presence

from . import choosing, lines

State = AgentState.State
UNANSWERED = "unanswered"  # the reason of a state that the agent did not choose
_LAPSES = 2  # in _LAPSE_WINDOW: whoever let so many lapse is not there
_LAPSE_WINDOW = timedelta(minutes=10)
_AT_ONCE = 200


def take_back_unanswered(at: datetime | None = None) -> int:
    """Handed to somebody who has not begun in time, while somebody else could: the next one's."""
    at = at or clock.now()
    count = 0
    for queue in Queue.objects.filter(offer_seconds__gt=0):
        late = Interaction.objects.filter(
            Q(last_agent_at=None) | Q(last_agent_at__lt=F("held_since")),
            queue=queue,
            status=Status.ACTIVE,
            ended_at=None,
            channel__in=capacity.channels_of("place"),
            held_since__lte=at - timedelta(seconds=queue.offer_seconds),
            # an accepted invitation without a word waits for the customer, not for us
            first_customer_at__isnull=False,
        )
        for row in late.select_related("agent").order_by("held_since")[:_AT_ONCE]:
            count += _to_the_next(row, at)
    return count


def _to_the_next(row: Interaction, at: datetime) -> bool:
    holder = row.agent
    if holder is None:
        return False
    others = choosing.free_agents(row.queue_id, capacity.need_of(row), limit=1, but=[holder.pk])
    if not others:
        return False  # better late by this one than never
    if not interactions.give_back(row, holder, UNANSWERED, at=at):
        return False
    lapsed = Participant.objects.filter(agent=holder, lapsed_at__gte=at - _LAPSE_WINDOW)
    if lapsed.count() >= _LAPSES and presence.state_of(holder) in AgentState.READY:
        presence.set_state(holder, State.OTHER, reason=UNANSWERED, at=at)
    return True


def give_back_of_the_lost(at: datetime | None = None) -> int:
    """Chats and calls of agents whose screens are gone for longer than the queue bears."""
    count = 0
    now = clock.wall()
    for queue in Queue.objects.filter(away_minutes__gt=0):
        gone = now - presence.AWAY_AFTER - timedelta(minutes=queue.away_minutes)
        held = Interaction.objects.filter(
            Q(agent__heartbeat=None) | Q(agent__heartbeat__seen_at__lt=gone),
            queue=queue,
            status=Status.ACTIVE,
            ended_at=None,
            channel__in=lines.pushed_channels(),
            held_since__lt=clock.now() - timedelta(minutes=queue.away_minutes),
        )
        for row in held.select_related("agent").order_by("pk")[:_AT_ONCE]:
            if row.agent is not None:
                count += interactions.give_back(row, row.agent, presence.LOST, at=at)
    return count


def free_silent(at: datetime | None = None) -> int:
    """Answered, and no word since: the place is free, and the customer may come back any time."""
    at = at or clock.now()
    count = 0
    for queue in Queue.objects.filter(silent_minutes__gt=0):
        silent = _silent(queue, at - timedelta(minutes=queue.silent_minutes))
        for row in silent.filter(status=Status.ACTIVE)[:_AT_ONCE]:
            count += interactions.fall_silent(row) is not None
    return count


def close_silent(at: datetime | None = None) -> int:
    """Silent for so long that nobody will come back to this one."""
    at = at or clock.now()
    count = 0
    for queue in Queue.objects.filter(silent_close_minutes__gt=0):
        silent = _silent(queue, at - timedelta(minutes=queue.silent_close_minutes))
        pending = silent.filter(status=Status.PENDING, wake_at=None)
        for row in pending[:_AT_ONCE]:
            interactions.close(row, outcome=Interaction.Outcome.SILENT, at=at)
            count += 1
    return count


def _silent(queue: Queue, since: datetime) -> QuerySet[Interaction]:
    return Interaction.objects.filter(
        Q(last_customer_at=None) | Q(last_customer_at__lt=F("last_agent_at")),
        queue=queue,
        ended_at=None,
        channel__in=capacity.channels_of("place"),
        last_agent_at__lte=since,
    ).order_by("pk")


def resume_returned() -> int:
    """Chats back in their agent's hands on which no work is running."""
    back = Interaction.objects.filter(
        status=Status.ACTIVE, ended_at=None, channel__in=capacity.channels_of("place")
    ).exclude(segments__until=None, segments__isnull=False)
    return sum(interactions.resume(row) for row in back.order_by("pk")[:_AT_ONCE])


def overflow(at: datetime | None = None) -> int:
    """Who waited longer than their queue allows goes to the queue that helps out, if it is open."""
    at = at or clock.now()
    count = 0
    helped = Queue.objects.filter(overflow_queue__isnull=False)
    for queue in helped.select_related("overflow_queue__schedule"):
        other = queue.overflow_queue
        if other is None or not other.schedule.is_open(at):
            continue
        since = at - timedelta(minutes=queue.overflow_minutes)
        waiting = lines.line(queue.pk).filter(overflowed_from=None)
        for row in waiting.filter(waiting_since__lte=since)[:_AT_ONCE]:
            count += interactions.overflow(row, other, at=at)
        for row in waiting.filter(_not_served_by(queue))[:_AT_ONCE]:
            count += interactions.overflow(row, other, at=at)
    return count


def follow_hours(at: datetime | None = None) -> int:
    """Who waits for a queue that has closed goes to the one that serves their subject now."""
    at = at or clock.now()
    turns = Q(subjects__off_hours_queue__isnull=False) | Q(off_hours_subjects__isnull=False)
    taking = Queue.objects.filter(turns).select_related("schedule").distinct()
    shut = [queue.pk for queue in taking if not queue.schedule.is_open(at)]
    waiting = Interaction.objects.waiting().filter(
        Q(queue=F("subject__queue")) | Q(queue=F("subject__off_hours_queue")),
        queue__in=shut,
        subject__off_hours_queue__isnull=False,
    )
    return sum(interactions.follow_hours(row, at=at) for row in waiting.in_line()[:_AT_ONCE])


def _not_served_by(queue: Queue) -> Q:
    """Nothing, for a queue that takes everything."""
    refused = Q(pk__in=[])
    if queue.channels:
        refused |= ~Q(channel__in=queue.channels)
    if queue.languages:
        refused |= ~Q(language__in=queue.languages)
    return refused


def follow_teams(queues: Iterable[Queue] | None = None) -> int:
    """Who belongs to a queue's team stands behind the queue; who left it, no more."""
    changed = 0
    for queue in queues or Queue.objects.prefetch_related("teams"):
        members = set(Agent.objects.filter(team__in=queue.teams.all()).values_list("pk", flat=True))
        behind = dict(AgentSkill.objects.filter(queue=queue).values_list("agent_id", "by_team"))
        new = [AgentSkill(agent_id=k, queue=queue, by_team=True) for k in members - behind.keys()]
        AgentSkill.objects.bulk_create(new, ignore_conflicts=True)
        gone = [key for key, by_team in behind.items() if by_team and key not in members]
        AgentSkill.objects.filter(queue=queue, agent__in=gone, by_team=True).delete()
        changed += len(new) + len(gone)
    return changed
