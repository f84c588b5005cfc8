"""The channels, and how an exchange is opened on one or goes on in another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise

from crm.models import Customer, Interaction, Message, Subject, Visit

from .letters import Letters


@dataclass(frozen=True)
class Channel:
    """One channel as the kernel sees it."""

    name: str  # stored in Interaction.channel
    label: str | Promise
    icon: str  # a Material Symbols name
    # hand an agent's or the system's message to the customer; called after it is stored, in the
    # same transaction: write an outbox row, or do nothing where the socket already delivers
    deliver: Callable[[Interaction, Message], None]
    # template fragment of the console's conversation head, given `interaction`
    fragment: str
    # what one such interaction takes of an agent: "place" (parallel), "whole" (the person),
    # "background" (may be interrupted)
    load: str = "place"
    # the socket delivers what is said: its lines may be stored in batches, without `deliver`
    live: bool = False
    # seconds after which wrap-up ends by itself; None: closing ends the work
    wrap_up_seconds: int | None = None
    # name of the console's address of what one message was made of (a mail's HTML and files), as a
    # fragment; reversed with `body[<the channel's name>]` of the messages that have one
    original: str = ""
    letters: Letters | None = None
    color: str = "#0072B2"  # Okabe-Ito, the same in every chart
    dash: str = ""  # SVG stroke-dasharray


class Opener(Protocol):
    """Opens an interaction on a channel with the customer's first words in it."""

    def __call__(
        self,
        *,
        customer: Customer,
        title: str,
        text: str,
        language: str,
        subject: Subject | None = None,
        visit: Visit | None = None,
        device: str = "",
        continues: Interaction | None = None,
        key: str | None = None,
        in_writing: bool = False,
    ) -> Interaction: ...


class CannotGoOn(Exception):
    """It cannot go on there; `str()` says why, in the words of whoever asked."""


@dataclass(frozen=True)
class When:
    """A moment that a customer can be promised; without `at`, as soon as possible."""

    at: datetime | None
    label: str


@dataclass(frozen=True)
class Continuation:
    """How an exchange of another channel goes on in this one."""

    channel: str
    label: str | Promise  # what the agent chooses
    # whoever is unknown there is asked for an address: what is known, the best first
    addresses: Callable[[Interaction], list[str]]
    # the moments to choose from for that subject; None: there is no moment to choose
    moments: Callable[[Interaction, Subject], list[When]] | None
    # (old one, subject, address, moment, what the customer had said) → the new one, and what the
    # customer reads of it. Raises CannotGoOn.
    open: Callable[
        [Interaction, Subject | None, str, datetime | None, str], tuple[Interaction, str]
    ]


class NotRegistered(LookupError):
    """Nobody registered that name."""


_channels: dict[str, Channel] = {}
_openers: dict[str, Opener] = {}
_continuations: dict[str, Continuation] = {}


def register_channel(channel: Channel) -> None:
    _channels[channel.name] = channel


def channel(name: str) -> Channel:
    try:
        return _channels[name]
    except KeyError:
        raise NotRegistered(f"No channel called {name!r}") from None


def channels() -> list[Channel]:
    """All channels, in the order in which reports draw them."""
    order = ["chat", "mail", "callback"]
    known = _channels.values()
    return sorted(known, key=lambda c: (order.index(c.name) if c.name in order else 99, c.name))


def register_opener(name: str, opener: Opener) -> None:
    """Provided by the channel's app, so that the portal's form can open a mail request."""
    _openers[name] = opener


def opener(name: str) -> Opener:
    """`opener("mail")(customer=…, title=…, text=…)`; `key` makes a resent form one request."""
    try:
        return _openers[name]
    except KeyError:
        raise NotRegistered(f"Nobody opens {name!r}") from None


def register_continuation(continuation: Continuation) -> None:
    """By a channel in which what began elsewhere can go on."""
    _continuations[continuation.channel] = continuation


def continuations() -> list[Continuation]:
    return [_continuations[name] for name in sorted(_continuations)]
