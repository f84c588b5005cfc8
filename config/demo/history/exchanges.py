"""What every exchange leaves: the interaction, its lines, its numbers, the survey."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from config.demo import records
from crm.models import Message

from . import promises, talk
from .clients import Client
from .desk import Seat
from .draws import lognormal, pick
from .scores import Exchange
from .volumes import Arrival, subjects
from .world import World

FACTORS = {
    "slow-wifi": 1.5, "no-internet": 1.25, "tv-picture": 0.9, "remote-control": 0.9,
    "sim-esim-puk": 0.55, "moving-house": 1.4, "cancellation": 1.3, "order-tracking": 0.6,
    "offer-advice": 1.35,
}  # fmt: skip
SOLVED = ("solved", "order")
OUTCOMES = {"solved": 71, "informed": 15, "promised": 9, "handed_on": 4}
NATURES = {"information": 0.40, "fault": 0.48, "order": 0.092, "complaint": 0.022, "praise": 0.006}


@dataclass
class Rows:
    """The lines of one interaction, numbered as the product numbers them."""

    world: World
    key: int
    staff: int = 0
    customer: int = 0

    def event(self, at: datetime, name: str, *, shown: bool = True, **body: Any) -> int:
        return self._add(at, "event", "system", "", {"event": name, **body}, None, shown)

    def say(self, at: datetime, who: str, text: str, agent_id: int | None) -> int:
        author = Message.Author.CUSTOMER if who == "c" else Message.Author.AGENT
        return self._add(at, "text", author, text, {}, None if who == "c" else agent_id, True)

    def _add(
        self,
        at: datetime,
        kind: str,
        author: str,
        text: str,
        body: dict[str, Any],
        agent_id: int | None,
        shown: bool,
    ) -> int:
        self.staff += 1
        self.customer += shown
        return self.world.messages.add(
            interaction_id=self.key,
            kind=kind,
            author=author,
            text=text,
            body=body,
            agent_id=agent_id,
            staff_seq=self.staff,
            customer_seq=self.customer if shown else None,
            created_at=at,
        )


def minutes(rng: Random, median: float, sigma: float, subject: str) -> timedelta:
    # the shares' mean factor is 1.05: divided out, so that the overall mean stays the trade's
    factor = FACTORS.get(subject, 1.0) / 1.05
    return timedelta(seconds=round(60 * factor * min(45, lognormal(rng, median, sigma))))


def seconds(rng: Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=round(rng.uniform(low, high)))


def interaction(
    world: World, rng: Random, arrival: Arrival, client: Client, seat: Seat | None, **fields: Any
) -> int:
    subject = world.subjects[arrival.subject]
    # one in eight customers names another subject of the queue than the agent finds
    near = [
        s for s, row in subjects().items() if row["queue"] == subjects()[arrival.subject]["queue"]
    ]
    asked = subject if rng.random() < 0.88 else world.subjects[rng.choice(near)]
    agent = seat.agent.pk if seat else None
    row: dict[str, Any] = {
        "status": "closed",
        "channel": arrival.channel,
        "customer_id": client.pk,
        "language": client.language,
        "subject_id": asked,
        "real_subject_id": subject,
        "queue_id": world.queues[world.queue_of(arrival)],
        "nature": pick(rng, NATURES),
        "agent_id": agent,
        "closed_by_id": agent,
        "opened_at": arrival.at,
        "offered_at": arrival.at,
        **records.of_exchange(world.facts, world.queue_of(arrival)),
        **fields,
    }
    if row["status"] != "closed":
        row["real_subject_id"] = row["closed_by_id"] = row["agent_id"] = None
    key = world.keep(row)
    promises.complaint(world, key, row)
    return key


def finish(
    world: World,
    rng: Random,
    rows: Rows,
    arrival: Arrival,
    client: Client,
    seat: Seat | None,
    closed: datetime,
    wait: timedelta,
    parallel: int,
    solved: bool,
    *,
    answered: bool = True,
    last_lines: list[talk.Line] | None = None,
) -> None:
    """The survey's verdict and score, and the numbers and times on the interaction."""
    agent = seat.agent.pk if seat else None
    exchange = Exchange(
        rows.key,
        arrival.channel,
        arrival.subject,
        closed,
        agent,
        wait.total_seconds() / 60,
        parallel,
        solved,
        arrival.outage,
        answered and seat is not None,
    )
    rated = world.surveys.decide(rng, client, exchange)
    if rated and rated[1] < world.now:
        rows.event(rated[1], "rated", shown=False, score=rated[0])
    customer = [line.at for line in last_lines or [] if line.who == "c"]
    staff = [line.at for line in last_lines or [] if line.who == "a"]
    world.numbers(
        rows.key,
        rows.staff,
        rows.customer,
        max(customer, default=arrival.at),
        max(staff, default=closed if seat and answered else None),
        rated,
    )
    world.taken(rows.key, agent, arrival.at, closed)
