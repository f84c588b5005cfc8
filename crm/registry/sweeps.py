"""What finds the work that an event's receiver missed."""

from collections.abc import Callable

_sweeps: dict[str, Callable[[], int]] = {}


def register_sweep(name: str, sweep: Callable[[], int]) -> None:
    """A query that finds what an event's receiver missed, and does it. Returns how many.

    Two of one name would be one: refused."""
    if name in _sweeps:
        raise ValueError(f"There is a sweep called {name!r} already")
    _sweeps[name] = sweep


def sweeps() -> dict[str, Callable[[], int]]:
    return dict(_sweeps)
