"""What apps let colleagues take out as files, beside the kernel's tables (services.transfer)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.utils.functional import Promise


class Alive(Protocol):
    """Hands rows on and says how far it is: whoever writes for minutes passes all through it."""

    def __call__(self, rows: Iterable[Any], /) -> Iterator[Any]: ...


@dataclass(frozen=True)
class Takeout:
    """Written by a worker in the background, followed like every export."""

    label: str | Promise
    model: str  # as the audit trail names it: "selfcare.article"
    permission: str  # asked when it is asked for and when it is written
    forms: tuple[str, ...]  # of Export.Form
    count: Callable[[str], int]  # rows in that form, as `write` passes them through `Alive`
    write: Callable[[str, IO[bytes], Alive], None]
    personal: bool = True  # may name customers: goes when one of them is erased


_takeouts: dict[str, Takeout] = {}


def register_takeout(page: str, takeout: Takeout) -> None:
    """`page`: of the console, by its name, where it is asked for."""
    _takeouts[page] = takeout


def takeouts() -> dict[str, Takeout]:
    return _takeouts
