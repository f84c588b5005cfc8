"""A mail of the past and its answers, with every row they leave."""

from datetime import datetime, timedelta
from random import Random

from . import promises, talk
from .clients import Client
from .desk import Seat
from .draws import lognormal, pick
from .exchanges import OUTCOMES, Rows, finish, interaction, minutes
from .volumes import Arrival
from .world import World

# log-normal; the medians are raised so that the means come out as the trade's
MAIL_MEDIAN, MAIL_SIGMA = 3.1, 0.75  # per answer; 1.4 answers each

Written = tuple[Seat, datetime, datetime]  # who, from, to


def mail(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """A mail and its answer, sometimes a second round; unanswered ones wait at the end."""
    rounds, answers = 2 if rng.random() < 0.4 else 1, list[Written]()

    def write(at: datetime) -> None:
        seat, start = world.desk.for_whole(at, world.queue_of(arrival))
        end = start + minutes(rng, MAIL_MEDIAN, MAIL_SIGMA, arrival.subject)
        if end <= world.now:
            seat.busy_until = end
            answers.append((seat, start, end))
            if len(answers) < rounds:
                later = world.office_time(end + timedelta(hours=1), lognormal(rng, 3, 0.8))
                world.at(later, write)
                return
        _write_mail(world, rng, arrival, client, answers)

    world.at(world.office_time(arrival.at, lognormal(rng, 4.2, 0.95)), write)


def _write_mail(
    world: World,
    rng: Random,
    arrival: Arrival,
    client: Client,
    answers: list[tuple[Seat, datetime, datetime]],
) -> None:
    seat = answers[-1][0] if answers else None
    closed = answers[-1][2] if answers else None
    agent = seat.agent.display_name if seat else ""
    title, text, answer = talk.mail(rng, client, agent, arrival.subject)
    outcome = pick(rng, {**OUTCOMES, "promised": 16}) if answers else ""
    key = interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        title=title,
        origin="mail",
        assigned_at=answers[0][1] if answers else None,
        first_customer_at=arrival.at,
        first_answer_at=answers[0][2] if answers else None,
        closed_at=closed,
        handled_at=closed,
        status="closed" if answers else "waiting",
        waiting_since=None if answers else arrival.at,
    )
    rows = Rows(world, key)
    world.mail(key, rows.say(arrival.at, "c", text, None), client, title, text, arrival)
    for number, (writer, start, end) in enumerate(answers):
        if number:
            more = talk.opening(rng, client, arrival.subject)
            rows.say(start - (start - answers[number - 1][2]) * 0.6, "c", more, None)
        rows.say(end, "a", answer, writer.agent.pk)
        world.segment(writer.agent.pk, key, "write", start, end)
    world.tickets.add(interaction_id=key, mailbox_id=world.mailboxes[world.queue_of(arrival)])
    if seat and closed:
        promises.letter(world, key, arrival.at, answers[0][2])
        rows.event(closed, "closed", outcome=outcome)
        wait = answers[0][2] - arrival.at
        finish(world, rng, rows, arrival, client, seat, closed, wait / 300, 1, outcome == "solved")
    else:
        world.numbers(key, rows.staff, rows.customer, arrival.at, None)
