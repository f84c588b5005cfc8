"""Who comes now: today's rhythm (config/demo/history/volumes.py), as rates per second."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from config.demo.history.draws import pick, poisson
from config.demo.history.volumes import (
    HALF_HOURS,
    MAIL_HOURS,
    MIX,
    NIGHT_SHARE,
    PARIS,
    SUNDAY_HOURS,
    WEEKDAY,
    is_office,
    subjects,
)

READERS = 4.0  # who help themselves, for each one who writes, chats or calls
# something is always to be seen: per hour, whatever the day and the hour
_AT_LEAST = {"chat": 26.0, "mail": 8.0, "callback": 5.0}


def per_hour(at: datetime) -> dict[str, float]:
    """Contacts by channel at this moment of this day, at traffic 1."""
    local = at.astimezone(PARIS)
    day = WEEKDAY[local.weekday()]
    if local.weekday() == 6:
        share = SUNDAY_HOURS[local.hour] / sum(SUNDAY_HOURS)
    elif is_office(at):
        share = 2 * HALF_HOURS[(local.hour - 8) * 2 + local.minute // 30] / 100
    else:
        share = NIGHT_SHARE / 12
    mails = MAIL_HOURS[local.hour] / sum(MAIL_HOURS)
    return {
        channel: max(_AT_LEAST[channel], day * part * (mails if channel == "mail" else share))
        for channel, part in MIX.items()
    }


def drawn(rng: Random, at: datetime, seconds: float, traffic: float) -> Iterator[tuple[str, str]]:
    """(channel, subject) of whoever comes within these seconds; readers bring no subject."""
    rates = per_hour(at)
    rates["reader"] = READERS * sum(rates.values())
    for channel, rate in rates.items():
        for _one in range(poisson(rng, rate * traffic * seconds / 3600)):
            yield channel, "" if channel == "reader" else _about(rng, at)


def _about(rng: Random, at: datetime) -> str:
    """In the evening and on Sundays people come with what cannot wait."""
    known = subjects()
    urgent = not is_office(at)
    shares = {
        slug: float(row["share"]) for slug, row in known.items() if row["always_open"] or not urgent
    }
    return pick(rng, shares)


def fault(rng: Random) -> str:
    """What brings everybody at once."""
    return rng.choice(["no-internet", "no-internet", "slow-wifi", "tv-picture"])
