"""Makes the history: the last 14 days first, ready at once; then the days before, in chunks.

Each chunk is one transaction, so that a killed run goes on where it was."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from django.db import connection, transaction
from django.db.models import Max, Min

from config.demo import removal
from crm import clock
from crm.models import Visit
from crm.reports.rollup import build, marks

from . import ada, calls, chats, mails
from .clients import Client
from .volumes import PARIS, Arrival, arrivals, is_office, subjects
from .world import World

Say = Callable[[str], object]
RECENT, ALL, STEP = 14, 90, 19  # days
_MAKE = {"chat": chats.chat, "callback": calls.callback, "mail": mails.mail}


def recent(scale: float, say: Say) -> None:
    """The last 14 days, today up to now. Does nothing when they are there."""
    today = _today()
    if _made() is None:
        _chunk(today - timedelta(days=RECENT - 1), today, today, scale, say)


def older(scale: float, say: Say) -> None:
    """The days before those, newest chunk first, down to day -89."""
    while (made := _made()) and not removal.was_removed():
        first, today = made
        oldest = today - timedelta(days=ALL - 1)
        if first <= oldest:
            break
        last = first - timedelta(days=1)
        _chunk(max(oldest, last - timedelta(days=STEP - 1)), last, today, scale, say)
    say("The demo's history is complete.")


def progress() -> tuple[int, int]:
    """Days of history that are there, and how many there will be."""
    made = _made()
    return (min(ALL, (made[1] - made[0]).days + 1) if made else 0), ALL


def _made() -> tuple[date, date] | None:
    """First and last day of the history: every chunk is one transaction, every day has visits."""
    found = Visit.objects.filter(key__startswith="demo-").aggregate(
        first=Min("started_at"), last=Max("started_at")
    )
    if found["first"] is None:
        return None
    return found["first"].astimezone(PARIS).date(), found["last"].astimezone(PARIS).date()


def _today() -> date:
    return clock.now().astimezone(PARIS).date()


def _chunk(first: date, last: date, today: date, scale: float, say: Say) -> None:
    """Its days are counted here, as long as no worker does."""
    _write(first, last, today, scale, say)
    with connection.cursor() as cursor:  # the planner learns what came by COPY
        cursor.execute("ANALYZE")
    build.refresh()


@transaction.atomic
def _write(first: date, last: date, today: date, scale: float, say: Say) -> None:
    # what began in an older chunk ends after it: nothing of the past still waits
    now = clock.now()
    world = World(today, now, f"{first}")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    done = sum(_day(world, day, scale) for day in days)
    world.play()
    with marks.by_the_day():
        rows = world.write()
    if not removal.may_still_come():
        transaction.set_rollback(True)
        return
    say(f"Demo history from {first} to {last}: {done} exchanges, {rows} rows")


def _day(world: World, day: date, scale: float) -> int:
    found = [a for a in arrivals(day, world.today, scale) if a.at < world.now]
    world.visits.day(day, len(found), world.now)
    for number, arrival in enumerate(found):
        rng = Random(f"exchange {day} {number}")  # noqa: S311
        client, again = world.clients.next(arrival.at)
        if again and client.last_subject:
            arrival = _about(arrival, client.last_subject)
        client.last_subject = arrival.subject
        if arrival.outage and rng.random() < 0.5:  # story 1: they come back for two days
            world.clients.come_back(client, arrival.at + timedelta(hours=6 + rng.random() * 42))
        world.at(arrival.at, partial(_begin, world, rng, arrival, client))
    for moment in ada.past(day, world.today):
        _ada(world, moment)
    return len(found)


def _ada(world: World, moment: ada.Moment) -> None:
    rng = Random(f"ada {moment.days}")  # noqa: S311
    arrival = moment.arrival(world.today)
    client = ada.client(arrival, asked=moment.asked)
    if moment.channel:
        world.at(arrival.at, partial(_begin, world, rng, arrival, client))
    else:
        world.visits.read(rng, arrival.at, moment.search, moment.subject, client)


def _begin(world: World, rng: Random, arrival: Arrival, client: Client, _at: datetime) -> None:
    _MAKE[arrival.channel](world, rng, arrival, client)


def _about(arrival: Arrival, subject: str) -> Arrival:
    """The same person about the same thing, where that is open at this hour."""
    closed = not is_office(arrival.at) and not subjects()[subject]["always_open"]
    if arrival.channel != "mail" and closed:
        return arrival
    return Arrival(arrival.at, arrival.channel, subject, arrival.outage)
