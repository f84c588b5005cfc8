"""What was promised and what was sold: due times of letters and complaints, orders from advice."""

from datetime import datetime
from random import Random
from typing import Any

from .draws import lognormal
from .volumes import Arrival, subjects
from .world import World

FIRST_HOURS = 24  # of opening, for a letter's first answer
COMPLAINT_HOURS = 120  # of opening: ten working days
SOLD = 0.11  # of the chats about what to buy


def letter(world: World, key: int, at: datetime, answered: datetime) -> None:
    """One that waits has its clock from the product."""
    due = world.office_time(at, FIRST_HOURS)
    world.due_times.add(
        interaction_id=key, kind="first", started_at=at, due_at=due, done_at=answered
    )


def complaint(world: World, key: int, row: dict[str, Any]) -> None:
    """It exists where the nature says so; whoever had it has said whether it was founded."""
    if row["nature"] != "complaint":
        return
    at, closed = row["opened_at"], row.get("closed_at")
    world.complaints.add(
        interaction_id=key,
        opened_at=at,
        level_since=at,
        owner_id=row["agent_id"],
        founded=world.promised.random() < 0.6 if closed else None,
    )
    if closed:
        due = world.office_time(at, COMPLAINT_HOURS)
        world.due_times.add(
            interaction_id=key, kind="solution", started_at=at, due_at=due, done_at=closed
        )


def sale(rng: Random, arrival: Arrival) -> dict[str, Any]:
    """What a chat's row says of an order; nothing where none came of it."""
    if subjects()[arrival.subject]["queue"] != "sales" or rng.random() >= SOLD:
        return {}
    amount = lognormal(rng, 24, 0.4) if rng.random() < 0.7 else 89
    return {
        "order_reference": f"CMD-{rng.randrange(100_000, 1_000_000)}",
        "order_amount": f"{amount:.2f}",
    }
