"""How much arrives when, and what about: practice figures for a mid-sized French operator."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from config.demo import data

from .draws import pick, pick_index, poisson

PARIS = ZoneInfo("Europe/Paris")
WEEKDAY = [833, 733, 680, 667, 667, 500, 120]  # contacts, Monday first
MIX = {"chat": 0.58, "mail": 0.25, "callback": 0.17}
# % of a day's chats and callbacks per half hour from 8:00 to 20:00, Monday to Saturday
HALF_HOURS = [1.2, 2.2, 3.6, 4.8, 5.6, 5.8, 5.6, 5.0, 4.0, 3.6, 3.8, 4.2,
              4.4, 4.2, 4.2, 4.3, 4.6, 5.0, 5.4, 5.4, 4.8, 3.8, 2.8, 1.7]  # fmt: skip
# per hour: 22 % between 20:00 and 8:00, peaks at 9-11 and 20-22
MAIL_HOURS = [1, 0.6, 0.5, 0.4, 0.5, 0.8, 1.6, 3, 5.2, 7.4, 7.6, 6.4,
              5.2, 5, 5.2, 5.2, 5.2, 5.2, 5, 5, 6.4, 6, 3.2, 1.8]  # fmt: skip
SUNDAY_HOURS = [1, 1, 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 5, 6, 6, 5, 5, 6, 7, 11, 12, 12, 11, 9, 5, 3, 2]
NIGHT_SHARE = 0.08  # of the box queue's contacts on working days
OUTAGE_DAYS_AGO, ARTICLE_DAYS_AGO = 23, 40
_BILLING = {5, 6, 7, 15, 16, 17, 25, 26, 27}


@dataclass(frozen=True)
class Arrival:
    """One contact: when, on which channel, about what."""

    at: datetime
    channel: str
    subject: str
    outage: bool = False


@cache
def subjects() -> dict[str, dict]:
    """The leaves of the tree by slug."""
    return {row["slug"]: row for row in data.load("subjects") if row["parent"]}


def is_office(at: datetime) -> bool:
    local = at.astimezone(PARIS)
    return local.weekday() < 6 and 8 <= local.hour < 20


def _weights(day: date, today: date) -> dict[str, float]:
    """The subjects' shares with their seasons and the story of the remote's article."""
    shares = {slug: float(row["share"]) for slug, row in subjects().items()}
    if day.day in _BILLING:
        shares["invoice"] *= 1.8
    if day.month in (6, 7, 8, 9):
        shares["moving-house"] *= 1.7
    if day.month in (7, 8):
        shares["roaming"] *= 2.5
    if day.month == 11 and 20 <= day.day <= 30:
        shares["order-tracking"] *= 2
        shares["offer-advice"] *= 2
    if day < today - timedelta(days=ARTICLE_DAYS_AGO):
        # contacts fall by 38 %: the shares add up to more than 100, and volumes grow by themselves
        shares["remote-control"] /= 0.585
    return shares


def arrivals(day: date, today: date, scale: float) -> list[Arrival]:
    """The day's contacts in the order of their arrival."""
    rng = Random(f"arrivals {day}")  # noqa: S311 (believable, not secret)
    age = (today - day).days
    expected = WEEKDAY[day.weekday()] * (1 + 0.04 * (90 - age) / 90) * scale
    expected *= min(1.25, max(0.8, 2.718 ** rng.gauss(0, 0.07)))
    weights = _weights(day, today)
    found = [_one(rng, day, weights) for _ in range(poisson(rng, expected))]
    if age == OUTAGE_DAYS_AGO:
        found += _outage(rng, day, scale)
    return sorted(found, key=lambda arrival: arrival.at)


def _one(rng: Random, day: date, weights: dict[str, float]) -> Arrival:
    channel, subject = pick(rng, MIX), pick(rng, weights)
    if channel == "mail":
        return Arrival(within(rng, day, pick_index(rng, MAIL_HOURS) * 60, 60), channel, subject)
    if day.weekday() == 6:
        return Arrival(_sunday(rng, day), channel, _always(rng, weights))
    if subjects()[subject]["always_open"] and rng.random() < NIGHT_SHARE:
        return Arrival(
            within(rng, day, rng.choice([20, 21, 22, 23, 6, 7]) * 60, 60), channel, subject
        )
    at = within(rng, day, 8 * 60 + pick_index(rng, HALF_HOURS) * 30, 30)
    morning = day.weekday() == 0 and at.astimezone(PARIS).hour < 10
    if channel == "chat" and morning and rng.random() < 0.3:
        channel = "callback"  # on Monday mornings people would rather be called
    return Arrival(at, channel, subject)


def within(rng: Random, day: date, minute: int, length: int) -> datetime:
    seconds = minute * 60 + rng.random() * length * 60
    return (datetime.combine(day, time(), PARIS) + timedelta(seconds=round(seconds))).astimezone(
        UTC
    )


def _sunday(rng: Random, day: date) -> datetime:
    return within(rng, day, pick_index(rng, SUNDAY_HOURS) * 60, 60)


def _always(rng: Random, weights: dict[str, float]) -> str:
    return pick(rng, {s: w for s, w in weights.items() if subjects()[s]["always_open"]})


def _outage(rng: Random, day: date, scale: float) -> list[Arrival]:
    """Story 1: from 18:30 to 20:00 the box queue gets four times its usual volume."""
    usual = WEEKDAY[day.weekday()] * scale * 0.46 * sum(HALF_HOURS[21:]) / 100
    usual *= (1 - MIX["mail"]) * (1 - NIGHT_SHARE)
    some = Arrival(datetime.combine(day, time(18, 30), PARIS), "chat", "no-internet", True)
    return [replace(some, at=within(rng, day, 18 * 60 + 30, 90)) for _ in range(round(3 * usual))]
