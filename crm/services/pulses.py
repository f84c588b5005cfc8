"""Signs of life of the background processes, kept in the database: Redis may be away."""

from datetime import timedelta

from crm import clock
from crm.models.pulse import Pulse

NAMES = ("live", "slow", "beat")
TOO_OLD = timedelta(seconds=60)


def give(name: str) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": clock.wall()})


def ages() -> dict[str, float | None]:
    """Seconds since each process' last sign; None where there was none."""
    now = clock.wall()
    found = dict(Pulse.objects.values_list("name", "at"))
    return {
        name: round((now - found[name]).total_seconds(), 1) if name in found else None
        for name in NAMES
    }
