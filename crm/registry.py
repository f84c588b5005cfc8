"""What a channel app tells the kernel about itself, and the one way to send somebody a message.

Filled by each app's `ready()`, frozen by use: the kernel never imports a channel, it asks here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise

from crm.models import Customer, Interaction, Message, Subject, Visit


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
    color: str = "#0072B2"  # Okabe-Ito, the same in every chart
    dash: str = ""  # SVG stroke-dasharray


class Notifier(Protocol):
    """Writes an outbox row; never sends by itself."""

    def __call__(
        self,
        address: str,
        template: str,
        context: Mapping[str, Any],
        language: str,
        key: str,
        interaction: Interaction | None = None,
    ) -> None: ...


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


@dataclass(frozen=True)
class Belonging:
    """Rows that belong to a customer: merging moves them, undoing the merge moves them back."""

    name: str  # stored in the merge's journal
    label: str | Promise  # "3 visits": the word after the figure
    model: type[Model]
    field: str = "customer"
    # the column that names the row's exchange: a later row goes where its exchange goes
    interaction: str = ""
    # another column that is unique together with the customer: where the kept record has such a
    # row already, the other's stays behind
    once_per: str = ""
    # how a row reads to whoever undoes a merge: a later one, of no exchange, is theirs to give to
    # either record; without it such rows stay
    reads: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class PersonalPart:
    """What an app holds of persons, and how it goes: for copies, erasure and retention. `keys` are
    numbers of exchanges; everything runs in the caller's transaction."""

    name: str  # the section in the copy
    label: str | Promise
    collect: Callable[[Sequence[int]], list[dict[str, Any]]]
    # names, words, addresses, files go; what is counted stays
    erase: Callable[[Sequence[int]], None]
    # sections that hang on the person and no exchange
    person: Callable[[Customer], Iterable[tuple[str, list[dict[str, Any]]]]] | None = None
    erase_person: Callable[[Sequence[Customer]], None] | None = None
    # (name in the copy, name in the storage)
    files: Callable[[Sequence[int]], Iterable[tuple[str, str]]] = lambda keys: ()


@dataclass(frozen=True)
class Retention:
    """One kind of data that is kept for a time."""

    name: str  # stored in the rule
    label: str | Promise
    help: str | Promise  # what goes, and what stays
    days: int  # the shipped default
    count: Callable[[datetime], int]  # how much is older, holds left out
    purge: Callable[[datetime, int], int]  # at most so many; how many went


# by which identities, (kind, value), the customer came into each of these exchanges
Senders = Callable[[Collection[int]], Mapping[int, Collection[tuple[str, str]]]]


@dataclass(frozen=True)
class News:
    """What a customer should read before they ask: a known incident, in their language."""

    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Reading:
    """A help article, for whoever may find the answer there."""

    title: str
    url: str


# (subject, language) → what to read first about it
ReadingsOf = Callable[[Subject, str], list[Reading]]
# (subject, language) → what is known about it now
NewsOf = Callable[[Subject | None, str], list[News]]
# (request, interaction) → HTML above the conversation on the desk, "" when there is nothing
Aside = Callable[[HttpRequest, Interaction], str]


# interaction → a signed address that needs no account
RequestPage = Callable[[Interaction], str]


@dataclass
class _Registry:
    channels: dict[str, Channel] = field(default_factory=dict)
    openers: dict[str, Opener] = field(default_factory=dict)
    continuations: dict[str, Continuation] = field(default_factory=dict)
    notifier: Notifier | None = None
    sweeps: dict[str, Callable[[], int]] = field(default_factory=dict)
    measures: dict[str, Any] = field(default_factory=dict)
    belongings: dict[str, Belonging] = field(default_factory=dict)
    senders: list[Senders] = field(default_factory=list)
    news: list[NewsOf] = field(default_factory=list)
    readings: list[ReadingsOf] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    request_page: RequestPage | None = None
    personal: dict[str, PersonalPart] = field(default_factory=dict)
    retentions: dict[str, Retention] = field(default_factory=dict)


_registry = _Registry()


class NotRegistered(LookupError):
    """Nobody registered that name."""


def register_channel(channel: Channel) -> None:
    _registry.channels[channel.name] = channel


def channel(name: str) -> Channel:
    try:
        return _registry.channels[name]
    except KeyError:
        raise NotRegistered(f"No channel called {name!r}") from None


def channels() -> list[Channel]:
    """All channels, in the order in which reports draw them."""
    order = ["chat", "mail", "callback"]
    known = _registry.channels.values()
    return sorted(known, key=lambda c: (order.index(c.name) if c.name in order else 99, c.name))


def register_opener(name: str, opener: Opener) -> None:
    """Provided by the channel's app, so that the portal's form can open a mail request."""
    _registry.openers[name] = opener


def opener(name: str) -> Opener:
    """`opener("mail")(customer=…, title=…, text=…)`; `key` makes a resent form one request."""
    try:
        return _registry.openers[name]
    except KeyError:
        raise NotRegistered(f"Nobody opens {name!r}") from None


def register_continuation(continuation: Continuation) -> None:
    """By a channel in which what began elsewhere can go on."""
    _registry.continuations[continuation.channel] = continuation


def continuations() -> list[Continuation]:
    return [_registry.continuations[name] for name in sorted(_registry.continuations)]


def register_notifier(notifier: Notifier) -> None:
    _registry.notifier = notifier


def notify(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
) -> None:
    """Have a mail sent, once per `key`, by the outbox.

    `template` is a base name: `{template}.txt` (first line "Subject: …") and, if present,
    `{template}.html`, rendered in `language` with `context`. Runs in the caller's transaction:
    the row exists if and only if the caller commits. With `interaction`, an answer to the mail
    comes back into that interaction."""
    if _registry.notifier is None:
        raise NotRegistered("No app provides the notifier")
    _registry.notifier(address, template, context, language, key, interaction)


def register_news(news_of: NewsOf) -> None:
    _registry.news.append(news_of)


def news(subject: Subject | None, language: str) -> list[News]:
    """What is known about a subject now, for whoever greets a customer first: the widget, an
    acknowledgement."""
    return [one for news_of in _registry.news for one in news_of(subject, language)]


def register_readings(readings_of: ReadingsOf) -> None:
    _registry.readings.append(readings_of)


def readings(subject: Subject, language: str) -> list[Reading]:
    """What a customer may read before they ask somebody."""
    return [one for readings_of in _registry.readings for one in readings_of(subject, language)]


def register_request_page(page: RequestPage) -> None:
    """Called by the app whose pages show customers their requests."""
    _registry.request_page = page


def request_page(interaction: Interaction) -> str:
    """The signed address of a request's page, for a mail to its customer; "" without a portal."""
    return _registry.request_page(interaction) if _registry.request_page else ""


def register_aside(aside: Aside) -> None:
    """Something an app shows above every conversation on the desk, whatever its channel."""
    _registry.asides.append(aside)


def asides() -> list[Aside]:
    return list(_registry.asides)


def register_sweep(name: str, sweep: Callable[[], int]) -> None:
    """A query that finds what an event's receiver missed, and does it. Returns how many.

    Two of one name would be one: refused."""
    if name in _registry.sweeps:
        raise ValueError(f"There is a sweep called {name!r} already")
    _registry.sweeps[name] = sweep


def sweeps() -> dict[str, Callable[[], int]]:
    return dict(_registry.sweeps)


def register_measure(measure: Any) -> None:
    """A figure of the reports (a crm.reports.measures.Measure), by whose table it counts."""
    _registry.measures[measure.name] = measure


def measures() -> dict[str, Any]:
    return dict(_registry.measures)


def register_belonging(belonging: Belonging) -> None:
    """By the app of every table with a foreign key to Customer (a test looks for those)."""
    _registry.belongings[belonging.name] = belonging


def belongings() -> list[Belonging]:
    return list(_registry.belongings.values())


def register_senders(senders: Senders) -> None:
    """By a channel that knows from which address its exchanges came."""
    _registry.senders.append(senders)


def senders(interaction_ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """What all channels know of it."""
    found: dict[int, set[tuple[str, str]]] = {}
    for ask in _registry.senders:
        for key, identities in ask(interaction_ids).items():
            found.setdefault(key, set()).update(identities)
    return found


def register_personal(part: PersonalPart) -> None:
    """By every app that stores anything about persons."""
    _registry.personal[part.name] = part


def personal_parts() -> list[PersonalPart]:
    return list(_registry.personal.values())


def register_retention(retention: Retention) -> None:
    _registry.retentions[retention.name] = retention


def retentions() -> list[Retention]:
    return list(_registry.retentions.values())
