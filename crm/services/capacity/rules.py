"""May this agent take one more of that? The one answer, used to choose, to confirm under the lock,
to explain, and to ask "what if". Pure: everything it looks at is handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.models import AgentState

LAPSED_FOR = timedelta(minutes=5)  # who did not answer it is not asked again so soon


@dataclass(slots=True)
class Facts:
    """An agent at one moment."""

    agent_id: int
    is_active: bool
    seen_at: datetime | None
    state: str
    languages: list[str]
    limit: int  # chats at once, today
    places: int  # chats in hand
    whole: int  # calls in hand
    queues: Mapping[int, int] = field(default_factory=dict)  # → level
    abilities: Mapping[int, int] = field(default_factory=dict)  # skill → level
    last_at: datetime | None = None  # last given something
    name: str = ""
    pulls: frozenset[int] = frozenset()  # queues of which they help themselves
    held: bool = False  # a due call waits for them to be free

    def rank(self, language: str) -> int:
        """0 for their first language, 1 for another."""
        return 0 if self.languages[:1] == [language] else 1


@dataclass(frozen=True, slots=True)
class Need:
    """What one interaction asks for."""

    load: str  # "place", "whole", "background": the channel's word
    language: str
    queue_id: int | None = None
    skills: Mapping[int, int] = field(default_factory=dict)  # required → level at least
    lapsed: Mapping[int, datetime] = field(default_factory=dict)  # agent → did not answer it at
    # comes back to this agent, above the limit if it must be
    returns_to: int | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The moment, in business time and the time since which a heartbeat counts (real time)."""

    at: datetime
    alive_since: datetime


_Rule = Callable[[Facts, Need, Now], bool]


def _lacks_skill(facts: Facts, need: Need, now: Now) -> bool:
    return any(facts.abilities.get(skill, 0) < level for skill, level in need.skills.items())


def _let_it_lapse(facts: Facts, need: Need, now: Now) -> bool:
    lapsed = need.lapsed.get(facts.agent_id)
    return lapsed is not None and now.at - lapsed < LAPSED_FOR


def _full(facts: Facts, need: Need, now: Now) -> bool:
    if need.returns_to == facts.agent_id:
        return False
    return need.load == "place" and facts.places >= facts.limit


# code → does it forbid? In the order in which people read them.
RULES: dict[str, _Rule] = {
    "inactive": lambda facts, need, now: not facts.is_active,
    "queue": lambda facts, need, now: (
        need.queue_id is not None and need.queue_id not in facts.queues
    ),
    "skill": _lacks_skill,
    "language": lambda facts, need, now: need.language not in facts.languages,
    "offline": lambda facts, need, now: facts.seen_at is None or facts.seen_at < now.alive_since,
    "state": lambda facts, need, now: facts.state not in AgentState.READY,
    "lapsed": _let_it_lapse,
    "on_call": lambda facts, need, now: need.load != "background" and facts.whole > 0,
    "busy": lambda facts, need, now: need.load == "whole" and facts.places > 0,
    "call_due": lambda facts, need, now: (
        facts.held and need.load == "place" and need.returns_to != facts.agent_id
    ),
    "full": _full,
}


def failing(facts: Facts, need: Need, now: Now) -> list[str]:
    """The codes of all rules that forbid it; empty: the agent may take it."""
    return [code for code, forbids in RULES.items() if forbids(facts, need, now)]


def may_take(facts: Facts, need: Need, now: Now) -> bool:
    return not any(forbids(facts, need, now) for forbids in RULES.values())


def room(facts: Facts, need: Need, now: Now) -> int:
    """How many more of these: 0 or 1 of what takes the whole person."""
    if not may_take(facts, need, now):
        return 0
    return 1 if need.load == "whole" else max(0, facts.limit - facts.places)
