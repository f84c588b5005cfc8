"""What may be read before somebody is asked: by customers, and by agents above a conversation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from crm.models import Agent, Interaction, Subject


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


@dataclass(frozen=True)
class Help(Reading):
    """A help article that may answer a customer, ready to be put into an answer."""

    summary: str
    text: str  # the whole of it, as it is said in a chat or a letter


# what may answer what the customer last wrote
HelpFor = Callable[[Interaction], list[Help]]
# (subject, language) → what to read first about it
ReadingsOf = Callable[[Subject, str], list[Reading]]
# (subject, language) → what is known about it now
NewsOf = Callable[[Subject | None, str], list[News]]
# (request, interaction) → HTML above the conversation on the desk, "" when there is nothing
Aside = Callable[[HttpRequest, Interaction], str]


@dataclass(frozen=True)
class Comment:
    """What a customer wrote about an exchange."""

    text: str
    score: int | None
    at: datetime
    interaction: int


# (agent, since) → newest first
CommentsOf = Callable[[Agent, datetime], list[Comment]]

# (user, exchanges by key) → {exchange: the comment}, where this colleague may read it
WordsOn = Callable[[Any, Sequence[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Aftermath:
    """What came of an exchange once it was over."""

    title: str
    facts: list[tuple[str, str]]  # (what, how it is)
    words: str = ""  # the customer's own
    url: str = ""  # where somebody works on it
    link: str = ""


# (user, exchange) → what this colleague may read of it; None: nothing
AftermathOf = Callable[[Any, Interaction], Aftermath | None]

_news: list[NewsOf] = []
_aftermaths: list[AftermathOf] = []
_words: list[WordsOn] = []
_comments: list[CommentsOf] = []
_readings: list[ReadingsOf] = []
_asides: list[Aside] = []
_help: list[HelpFor] = []


def register_news(news_of: NewsOf) -> None:
    _news.append(news_of)


def news(subject: Subject | None, language: str) -> list[News]:
    """What is known about a subject now, for whoever greets a customer first: the widget, an
    acknowledgement."""
    return [one for news_of in _news for one in news_of(subject, language)]


def register_readings(readings_of: ReadingsOf) -> None:
    _readings.append(readings_of)


def readings(subject: Subject, language: str) -> list[Reading]:
    """What a customer may read before they ask somebody."""
    return [one for readings_of in _readings for one in readings_of(subject, language)]


def register_help(help_for: HelpFor) -> None:
    _help.append(help_for)


def help_for(interaction: Interaction) -> list[Help]:
    """What an agent may answer with, best first; none when nothing is likely."""
    return [one for ask in _help for one in ask(interaction)]


def register_comments(comments_of_agent: CommentsOf) -> None:
    _comments.append(comments_of_agent)


def comments_of(agent: Agent, since: datetime) -> list[Comment]:
    """What customers said of this agent's exchanges."""
    return [one for ask in _comments for one in ask(agent, since)]


def register_words_on(words_on_exchanges: WordsOn) -> None:
    _words.append(words_on_exchanges)


def words_on(user: Any, exchanges: Sequence[int]) -> dict[int, str]:
    """What customers wrote about these exchanges, as far as this colleague may read it."""
    return {key: said for ask in _words for key, said in ask(user, exchanges).items()}


def register_aftermath(aftermath_of: AftermathOf) -> None:
    _aftermaths.append(aftermath_of)


def aftermath(user: Any, interaction: Interaction) -> list[Aftermath]:
    """For the page of an exchange in the console."""
    return [found for ask in _aftermaths if (found := ask(user, interaction))]


def register_aside(aside: Aside) -> None:
    """Something an app shows above every conversation on the desk, whatever its channel."""
    _asides.append(aside)


def asides() -> list[Aside]:
    return list(_asides)
