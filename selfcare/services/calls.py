"""The agent's side of a callback: dialling, hanging up, and what is promised next."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Agent, Interaction, Schedule, Status, WorkSegment
from crm.services import capacity, interactions, presence
from selfcare.models import Callback, CallbackAttempt
from selfcare.models.callback import PROMPT
from selfcare.services import call_rules, callbacks, promises, slots

Outcome = CallbackAttempt.Outcome

_MORNING, _AFTERNOON, _NOON = time(9), time(14), time(13)


class CannotCall(Exception):
    """Why not, in the words of whoever called."""

    words: str | Promise


class NotYours(CannotCall):
    """The interaction is not in this agent's hands."""

    words = _("Somebody else has this callback now.")


class NoCall(CannotCall):
    """Nobody is on the line."""

    words = _("Nobody is on the line: start with “I am calling”.")


class NotNow(CannotCall):
    """It is before 8:00 or after 20:00 where the customer is."""

    words = _("Nobody is called before 8:00 or after 20:00 where they are.")


@transaction.atomic
def calling(callback_id: int, agent: Agent, *, at: datetime | None = None) -> CallbackAttempt:
    """ "I am calling": one attempt and the call's working time begin. Twice is one attempt.

    Raises NotYours, NotNow."""
    at = at or clock.now()
    callback = _held(callback_id, agent)
    running = callback.attempts.filter(ended_at=None).first()
    if running:
        return running
    if not slots.decent(at, callback.time_zone):
        raise NotNow(callback.interaction.reference)
    attempt = CallbackAttempt.objects.create(
        callback=callback,
        agent=agent,
        promised_at=callback.promised_at,
        promised_until=callback.slot_end or callback.promised_at + PROMPT,
        started_at=at,
    )
    callback.attempts_made += 1
    callback.save(update_fields=["attempts_made"])
    presence.start_work(agent, callback.interaction, WorkSegment.Kind.CALL, at)
    return attempt


@transaction.atomic
def hung_up(
    callback_id: int,
    agent: Agent,
    outcome: str,
    *,
    later_at: datetime | None = None,
    at: datetime | None = None,
) -> CallbackAttempt:
    """ "Hung up", with what came of it.

    Reached: wrap-up begins and the agent closes it with its code. Otherwise another call is
    promised, or the customer is told that we stop. A second click finds the first. Raises
    NotYours, NoCall."""
    at = at or clock.now()
    outcome = Outcome(outcome)
    try:
        callback = _held(callback_id, agent)
    except NotYours:
        # the second click of two: the first has already given it back
        if done := _already(callback_id, agent, outcome, at):
            return done
        raise
    attempt = callback.attempts.filter(ended_at=None).first()
    if attempt is None:
        if done := _already(callback_id, agent, outcome, at):
            return done
        raise NoCall(callback.interaction.reference)
    attempt.outcome = outcome
    attempt.ended_at = max(at, attempt.started_at)
    attempt.save(update_fields=["outcome", "ended_at"])
    presence.end_work(agent, callback.interaction, attempt.ended_at)
    promises.note(callback, "called", outcome=str(outcome), number=callback.attempts_made)
    if outcome == Outcome.REACHED:
        _reached(callback, attempt)
    else:
        _again_or_never(callback, agent, outcome, later_at, at)
    return attempt


def _held(callback_id: int, agent: Agent) -> Callback:
    """The callback, with agent and interaction locked in the kernel's order. Raises NotYours."""
    capacity.lock([agent.pk])
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=callback_id)
    if interaction.status != Status.ACTIVE or interaction.agent_id != agent.pk:
        raise NotYours(interaction.reference)
    callback = Callback.objects.get(pk=callback_id)
    callback.interaction = interaction
    return callback


def _already(callback_id: int, agent: Agent, outcome: str, at: datetime) -> CallbackAttempt | None:
    return CallbackAttempt.objects.filter(
        callback=callback_id, agent=agent, outcome=outcome, ended_at__gte=at - PROMPT
    ).last()


def _reached(callback: Callback, attempt: CallbackAttempt) -> None:
    interaction = callback.interaction
    interaction.refresh_from_db()  # posting the line moved its numbers
    callback.number_confirmed = True
    callback.save(update_fields=["number_confirmed"])
    # the pick-up is the first answer, the call the exchange
    interaction.first_answer_at = interaction.first_answer_at or attempt.started_at
    interaction.first_customer_at = interaction.first_customer_at or attempt.started_at
    interaction.last_agent_at = interaction.last_customer_at = attempt.ended_at
    interaction.save(
        update_fields=[
            "first_answer_at",
            "first_customer_at",
            "last_agent_at",
            "last_customer_at",
        ]
    )
    interactions.end_exchange(interaction, at=attempt.ended_at, event="hung_up")


def _again_or_never(
    callback: Callback, agent: Agent, outcome: str, later_at: datetime | None, at: datetime
) -> None:
    interaction = callback.interaction
    most = call_rules.of(interaction.queue).most_attempts
    exhausted = callback.attempts_made >= most and outcome != Outcome.LATER
    if outcome == Outcome.WRONG_NUMBER or exhausted:
        interactions.close(interaction, outcome=Interaction.Outcome.EXPIRED, at=at)
        told = promises.tell(callback, "expired", wrong=outcome == Outcome.WRONG_NUMBER)
        if not told:  # never in silence: whoever opens the exchange sees that nobody knows
            promises.note(callback, "could_not_tell")
        return
    due = next_try(callback, outcome, at=at, hours=interaction.hours(), later_at=later_at)
    callbacks.renew(callback, due=due)
    interactions.snooze(interaction, by=agent, until=due, give_back=True)
    promises.note(callback, "callback_promised", promise=promises.in_words(callback))
    promises.tell(callback, "later" if outcome == Outcome.LATER else "missed")


def next_try(
    callback: Callback,
    outcome: str,
    *,
    at: datetime,
    hours: Schedule | None,
    later_at: datetime | None = None,
) -> datetime:
    """As the queue's rule says (15 minutes later), then the next half-day; never at night, never
    when closed."""
    if later_at and later_at > at:
        due = later_at
    elif callback.attempts_made <= 1 and outcome != Outcome.LATER:
        rule = call_rules.of(callback.interaction.queue)
        due = at + timedelta(minutes=rule.again_minutes)
    else:
        due = _next_half_day(at, callback.time_zone)
    return slots.fit(due, hours, callback.time_zone) if hours else due


def _next_half_day(at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    if local.time() < _NOON:
        return datetime.combine(local.date(), _AFTERNOON, local.tzinfo)
    return datetime.combine(local.date() + timedelta(days=1), _MORNING, local.tzinfo)


def put_off(at: datetime | None = None) -> int:
    """Callbacks that nobody took before closing time or before 20:00 are promised again for the
    next opening, and their customers told. In the order in which they were due, spread over the
    first two hours: they are not all of the first to sign in. A sweep."""
    at = at or clock.now()
    waiting = Interaction.objects.waiting().filter(callback__isnull=False)
    of_an_opening: dict[tuple[int, datetime], list[int]] = defaultdict(list)
    calendars: dict[int, Schedule] = {}
    for interaction in waiting.with_hours().order_by("callback__promised_at", "pk")[:500]:
        hours = interaction.hours()
        if hours is None:
            continue
        opening = slots.fit(at, hours, interaction.callback.time_zone)
        if opening > at:
            calendars[hours.pk] = hours
            of_an_opening[hours.pk, opening].append(interaction.pk)
    count = 0
    for (hours_id, opening), keys in of_an_opening.items():
        hours = calendars[hours_id]
        moments = hours.calendar.morning(opening, len(keys))
        for key, due in zip(keys, moments, strict=True):
            count += _put_off_one(key, due, hours)
    return count


@transaction.atomic
def _put_off_one(key: int, due: datetime, hours: Schedule) -> int:
    interaction = (
        Interaction.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=key, status=Status.WAITING)
        .first()
    )
    if interaction is None:
        return 0
    callback = interaction.callback
    callback.interaction = interaction
    due = slots.fit(due, hours, callback.time_zone)
    callbacks.renew(callback, due=due)
    interactions.snooze(interaction, by=None, until=due)
    promises.note(callback, "callback_promised", promise=promises.in_words(callback))
    promises.tell(callback, "put_off")
    return 1
