"""A chat of the past, with every row it leaves."""

from datetime import datetime, timedelta
from random import Random

from . import promises, talk
from .clients import Client
from .draws import lognormal, pick
from .exchanges import OUTCOMES, SOLVED, Rows, finish, interaction, minutes, seconds
from .volumes import PARIS, Arrival
from .world import World

# log-normal; the medians are raised so that the means come out as the trade's
CHAT_MEDIAN, CHAT_SIGMA = 6.95, 0.58
PARALLEL = 0.13  # longer for each further chat at once


def chat(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """A chat from the button or an invitation to its closing code; or abandoned in the queue."""
    wait, leaves = _patience(rng, arrival)
    then = _abandoned if leaves else _picked_up
    world.at(arrival.at + wait, lambda at: then(world, rng, arrival, client, at))


def _picked_up(world: World, rng: Random, arrival: Arrival, client: Client, at: datetime) -> None:
    queue = world.queue_of(arrival)
    seat, assigned, running = world.desk.for_chat(at, queue)
    talks = minutes(rng, CHAT_MEDIAN * (1 + PARALLEL * running), CHAT_SIGMA, arrival.subject)
    greeted = assigned + seconds(rng, 4, 18)
    last = max(greeted + timedelta(seconds=45), arrival.at + talks)
    handled = last + seconds(rng, 22, 60)
    if handled > world.now:
        return
    seat.chats.append(handled)
    invited = rng.random() < 0.26 and not arrival.outage
    outcome = pick(rng, OUTCOMES)
    sold = promises.sale(world.promised, arrival)
    outcome = "order" if sold else outcome
    device = world.device(rng)
    visit = world.visits.before(
        rng, arrival.at, arrival.subject, client.language, device, client.pk
    )
    key = interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        device=device,
        visit_id=visit,
        origin="invitation" if invited else "button",
        assigned_at=assigned,
        first_customer_at=arrival.at,
        first_answer_at=greeted,
        ended_at=last,
        closed_at=handled,
        handled_at=handled,
    )
    lines = talk.chat(
        rng,
        client,
        seat.agent.display_name,
        arrival.subject,
        arrival.at,
        greeted,
        last,
        outcome in SOLVED,
    )
    rows = Rows(world, key)
    rows.say(lines[0].at, "c", lines[0].text, None)
    rows.event(assigned, "assigned", agent=seat.agent.display_name)
    for line in lines[1:]:
        rows.say(line.at, line.who, line.text, seat.agent.pk)
    rows.event(handled, "closed", outcome=outcome)
    world.chats.add(
        interaction_id=key,
        site_id=world.visits.site.pk,
        start_key=f"demo-{key}",
        page_url="/fr/",
        visitor_name=client.first,
        **sold,
    )
    if invited:
        world.visits.invited(rng, visit, arrival.at, seat.agent.pk, key)
    world.segment(seat.agent.pk, key, "write", assigned, last)
    world.segment(seat.agent.pk, key, "wrap_up", last, handled)
    finish(
        world,
        rng,
        rows,
        arrival,
        client,
        seat,
        handled,
        assigned - arrival.at,
        running + 1,
        outcome in SOLVED,
        last_lines=lines,
    )


def _patience(rng: Random, arrival: Arrival) -> tuple[timedelta, bool]:
    """(wait, whether they left before the end of it)."""
    wait = lognormal(rng, 15, 0.70)
    local = arrival.at.astimezone(PARIS)
    if local.weekday() == 0 and (9, 30) <= (local.hour, local.minute) < (11, 0):
        wait *= 3.5  # story 4: Monday mornings lack two people
    if arrival.outage:
        wait *= 8
    patience = rng.expovariate(1 / 140) + 25
    leaves = patience < wait or (arrival.outage and rng.random() < 0.06)
    return timedelta(seconds=round(min(wait, patience))), leaves


def _abandoned(world: World, rng: Random, arrival: Arrival, client: Client, left: datetime) -> None:
    at = left + timedelta(seconds=5)
    if at > world.now:
        return
    key = interaction(
        world,
        rng,
        arrival,
        client,
        None,
        outcome="abandoned",
        device=world.device(rng),
        origin="button",
        first_customer_at=arrival.at,
        closed_at=at,
        handled_at=at,
        ended_at=at,
    )
    rows = Rows(world, key)
    rows.say(arrival.at, "c", talk.opening(rng, client, arrival.subject), None)
    rows.event(at, "closed", outcome="abandoned")
    world.chats.add(
        interaction_id=key,
        site_id=world.visits.site.pk,
        start_key=f"demo-{key}",
        page_url="/fr/",
        visitor_name=client.first,
    )
    finish(world, rng, rows, arrival, client, None, at, at - arrival.at, 0, False)
