"""Why something waits: one code per failing rule and agent, stored beside it, and in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Agent, Interaction, Queue, Status, Unassigned
from crm.services import capacity
from crm.services.capacity import Need

from . import lines
from .lines import Waiting

# of the interaction itself
OWN: dict[str, str | Promise] = {
    "background": _("Written work is not handed out: agents take it between two chats."),
    "pull": _("This queue is not handed out: agents take the next one."),
    "channel": _("Its queue does not serve this channel or this language."),
    "nobody": _("Nobody stands behind its queue."),
    "kept": _("It is kept a moment for the agent of last time, who is wrapping up."),
}
# of one agent, by the rule that fails (crm.services.capacity.RULES)
OF_AGENT: dict[str, str | Promise] = {
    "inactive": _("may not sign in any more"),
    "queue": _("does not stand behind this queue"),
    "skill": _("lacks a skill that the queue requires, or its level"),
    "language": _("does not speak the language"),
    "offline": _("no screen heard of for 30 seconds"),
    "state": _("is not available"),
    "lapsed": _("was handed it moments ago and did not answer"),
    "on_call": _("is on a call"),
    "busy": _("has chats open; a call takes the whole person"),
    "call_due": _("finishes the open chats first: a call is due"),
    "full": _("has no free place"),
}

_MOST_AGENTS = 500  # whose reasons are stored beside one interaction
_COUNTED_FOR = timedelta(seconds=5)

# (queue, load, language) → when the agents were asked, for which one, and their codes
_counted: dict[tuple[int | None, str, str], tuple[datetime, int, dict[int, list[str]]]] = {}


def of_itself(row: Waiting) -> list[str]:
    """The codes for which no agent is asked at all."""
    queue = Queue.objects.filter(pk=row.queue_id).first() if row.queue_id else None
    return of_queue(queue, row.channel, row.need)


def of_queue(queue: Queue | None, channel: str, need: Need) -> list[str]:
    """The same of anything of that kind in that queue."""
    codes = []
    if need.load not in lines.PUSHED:
        codes.append("background")
    if queue is not None and queue.mode == Queue.Mode.PULL:
        codes.append("pull")
    if queue is not None and not queue.serves(channel, need.language):
        codes.append("channel")
    return codes


def behind(queue_id: int | None) -> list[int]:
    """The agents whom something of that queue may be given to; of no queue, everybody."""
    agents = Agent.objects.order_by("pk")
    if queue_id is not None:
        agents = agents.filter(skills__queue=queue_id)
    return list(agents.values_list("pk", flat=True)[:_MOST_AGENTS])


def of_agents(need: Need) -> dict[int, list[str]]:
    """All failing codes of each agent behind the queue; those who could take it have none."""
    now = capacity.now()
    known = capacity.of(behind(need.queue_id))
    return {key: capacity.failing(known[key], need, now) for key in sorted(known)}


def store(row: Waiting, own: Iterable[str] = ()) -> dict[str, list[str]]:
    """Write down why nobody has it, as of the moment at which the agents were asked."""
    at, found = _of_its_kind(row)
    own = list(own)
    if not found:
        own.append("nobody")
    codes = {str(key): failing for key, failing in found.items() if failing}
    if own:
        codes[""] = own
    Unassigned.objects.update_or_create(interaction_id=row.key, defaults={"at": at, "codes": codes})
    return codes


def _of_its_kind(row: Waiting) -> tuple[datetime, dict[int, list[str]]]:
    """When many come that nobody can take, all agents are asked once in a while, not for each. Who
    has been in somebody's hands before has codes of their own."""
    at, need = clock.now(), row.need
    if need.lapsed or need.returns_to:
        return at, of_agents(need)
    kind = need.queue_id, need.load, need.language
    then, first, found = _counted.get(kind, (at, row.key, {}))
    if first != row.key and timedelta() <= at - then < _COUNTED_FOR:
        return then, found
    _counted[kind] = at, row.key, of_agents(need)
    return at, _counted[kind][2]


def why_not(interaction: Interaction) -> list[tuple[Agent, str]]:
    """As of this moment: agent and code, one pair per rule that keeps them from taking it."""
    found = of_agents(capacity.need_of(interaction))
    agents = Agent.objects.select_related("user").in_bulk(list(found))
    return [(agents[key], code) for key, codes in found.items() for code in codes]


def in_words(codes: Mapping[str, list[str]]) -> list[str]:
    """What was stored, as sentences: of itself first, then how many agents per reason."""
    sentences = [str(OWN[code]) for code in codes.get("", []) if code in OWN]
    counted: dict[str, int] = {}
    for key, failing in codes.items():
        if key and failing:
            counted[failing[0]] = counted.get(failing[0], 0) + 1
    for code, number in sorted(counted.items(), key=lambda item: -item[1]):
        sentences.append(f"{number} × {words([code])[0]}")
    return sentences


def reasons(interaction: Interaction) -> list[str]:
    """Why it waits, in words, as stored at the last attempt; nothing when there was none yet."""
    stored = getattr(interaction, "unassigned", None)
    return in_words(stored.codes) if stored else []


def by_agent(interaction: Interaction) -> list[tuple[Agent, list[str]]]:
    """The same for each agent: all rules that keep them from taking it. One query."""
    stored = getattr(interaction, "unassigned", None)
    codes = {int(key): failing for key, failing in stored.codes.items() if key} if stored else {}
    agents = Agent.objects.filter(pk__in=codes).order_by("display_name", "pk")
    return [(agent, words(codes[agent.pk])) for agent in agents]


def words(codes: Iterable[str]) -> list[str]:
    """What keeps one agent from taking it; a code of an older version says itself. Whose screens
    are away is not available either: said once."""
    codes = list(codes)
    told = [code for code in codes if code != "state" or "offline" not in codes]
    return [str(OF_AGENT.get(code, code)) for code in told]


def explain_waiting(limit: int = 20) -> int:
    """Those in front of each line get their reasons anew. A sweep."""
    count = 0
    for queue in Queue.objects.filter(interactions__status=Status.WAITING).distinct():
        line = lines.line(queue.pk)
        for key in line.values_list("pk", flat=True)[:limit]:
            if row := lines.one(key):
                store(row, of_itself(row))
                count += 1
    return count
