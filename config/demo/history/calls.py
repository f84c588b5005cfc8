"""A callback of the past, with every row it leaves."""

from datetime import datetime, timedelta
from random import Random

from . import talk
from .clients import Client
from .desk import Seat
from .draws import pick
from .exchanges import OUTCOMES, Rows, finish, interaction, minutes, seconds
from .volumes import Arrival
from .world import World

# log-normal; the medians are raised so that the means come out as the trade's
CALL_MEDIAN, CALL_SIGMA = 5.7, 0.58
ATTEMPTS = {1: 0.71, 2: 0.16, 3: 0.05, 0: 0.08}  # at which attempt reached; 0: never

Call = tuple[Seat, datetime, datetime, str]  # who, from, to, outcome


def callback(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """Asked on the portal, called at the promised time, reached or not."""
    soon = rng.random() < 0.55
    due = arrival.at if soon else world.slot(rng, arrival.at)
    late = seconds(rng, 20, 240) if rng.random() < 0.91 else seconds(rng, 400, 2400)
    reached, calls = pick(rng, ATTEMPTS), list[Call]()

    def dial(at: datetime) -> None:
        seat, start = world.desk.for_whole(at, world.queue_of(arrival))
        talks = len(calls) + 1 == reached
        length = minutes(rng, CALL_MEDIAN, CALL_SIGMA, arrival.subject)
        end = start + (length if talks else seconds(rng, 20, 40))
        seat.busy_until = end + (seconds(rng, 60, 90) if talks else seconds(rng, 8, 20))
        if seat.busy_until > world.now:
            return
        missed = pick(rng, {"no_answer": 6, "voicemail": 3, "busy": 1})
        calls.append((seat, start, end, "reached" if talks else missed))
        if len(calls) < (reached or 3):
            world.at(end + timedelta(minutes=15 if len(calls) == 1 else 240), dial)
        else:
            slot = None if soon else due
            _write_callback(world, rng, arrival, client, due, slot, calls, bool(reached))

    world.at(due + late, dial)


def _write_callback(
    world: World,
    rng: Random,
    arrival: Arrival,
    client: Client,
    due: datetime,
    slot: datetime | None,
    calls: list[tuple[Seat, datetime, datetime, str]],
    reached: bool,
) -> None:
    seat, start, end, _outcome = calls[-1]
    outcome = pick(rng, OUTCOMES) if reached else "expired"
    handled = seat.busy_until
    key = interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        device=world.device(rng),
        origin="form",
        offered_at=due,
        assigned_at=calls[0][1],
        first_customer_at=due,
        ended_at=end,
        first_answer_at=start if reached else None,
        closed_at=handled,
        handled_at=handled,
    )
    asked = talk.opening(rng, client, arrival.subject)
    rows = Rows(world, key)
    rows.say(arrival.at, "c", asked, None)
    rows.event(calls[0][1], "assigned", agent=seat.agent.display_name)
    world.callbacks.add(
        interaction_id=key,
        phone=client.phone,
        mail=client.mail,
        asked_text=asked,
        slot_start=slot,
        slot_end=slot + timedelta(minutes=30) if slot else None,
        promised_at=due,
        attempts_made=len(calls),
        number_confirmed=reached,
        created_at=arrival.at,
    )
    for caller, begun, ended, result in calls:
        world.attempts.add(
            callback_id=key,
            agent_id=caller.agent.pk,
            outcome=result,
            started_at=begun,
            ended_at=ended,
            promised_at=due,
            promised_until=due + timedelta(minutes=30 if slot else 5),
        )
        world.segment(caller.agent.pk, key, "call", begun, ended)
    world.segment(seat.agent.pk, key, "wrap_up", end, handled)
    rows.event(handled, "closed", outcome=outcome)
    finish(
        world,
        rng,
        rows,
        arrival,
        client,
        seat,
        handled,
        calls[0][1] - due,
        1,
        outcome == "solved",
        answered=reached,
    )
