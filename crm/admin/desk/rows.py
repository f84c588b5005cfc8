"""Interactions as the desk's list shows them: one shape, at load and after every change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse

from crm import registry
from crm.models import (
    Agent,
    DueTime,
    HardMoment,
    Interaction,
    Mention,
    Message,
    Participant,
    Status,
    Whisper,
)
from crm.models.hard_moment import Hard
from crm.services import posting
from crm.services.interactions import wrap_up

from . import verifying

MOST_MINE = 200
MOST_WAITING = 200
MOST_NAMED = 50
_PREVIEW = 140  # characters of the last line


def keys_on_desk(user: Any, agent: Agent | None) -> QuerySet[Interaction, Any]:
    """What the agent holds, the head of what waits in their queues, and where they are named."""
    visible = Interaction.objects.visible_to(user)
    queued = visible.waiting().in_line()
    waiting = queued.values("pk")[:MOST_WAITING]
    if agent is None:
        return waiting
    mine = Interaction.objects.held_by(agent).order_by("pk").values("pk")[:MOST_MINE]
    named = visible.filter(mentions__agent=agent, mentions__seen_at=None).values("pk")[:MOST_NAMED]
    return mine.union(waiting, named)


def rows(user: Any, agent: Agent | None, keys: Iterable[int] | QuerySet[Any]) -> list[dict]:
    """The rows of these interactions, as far as the user may see them. Two queries."""
    found = list(_annotated(user, agent).filter(pk__in=keys))
    last = Message.objects.select_related("agent").in_bulk(
        [row.last_line for row in found if row.last_line]
    )
    return [row_of(row, last.get(row.last_line)) for row in found]


def _annotated(user: Any, agent: Agent | None) -> QuerySet[Any]:
    said = Message.objects.filter(interaction=OuterRef("pk"), kind=Message.Kind.TEXT).order_by()
    mark = Participant.objects.filter(interaction=OuterRef("pk"), agent=agent).values("read_seq")
    unread = said.filter(
        author=Message.Author.CUSTOMER, staff_seq__gt=OuterRef("read_mark")
    ).order_by("pk")
    visible = Interaction.objects.visible_to(user)
    due = JSONObject(kind="kind", at="due_at", warn="warn_at")
    return visible.select_related(
        "customer", "queue", "agent", "subject", "complaint__owner"
    ).annotate(
        due=Subquery(next_due().values(at=due)[:1]),
        last_line=Subquery(said.values("interaction").annotate(m=Max("pk")).values("m")),
        read_mark=Coalesce(Subquery(mark[:1]), 0) if agent else F("staff_seq"),
        assistants=ArraySubquery(_assistants()),
        hard=ArraySubquery(_hard()),
        named=ArraySubquery(_named(agent)),
        whispered=ArraySubquery(_whispers(agent)),
        promise=Subquery(_last_answer().values("body__promise")[:1]),
        unread=ArraySubquery(unread.values(line=JSONObject(id="pk", seq="staff_seq"))[:100]),
    )


def _hard() -> QuerySet[HardMoment, Any]:
    """What is hard now: here, and a fraud anywhere on the record (OuterRef)."""
    fraud = Q(kind=Hard.FRAUD, interaction__customer=OuterRef("customer_id"))
    there = HardMoment.objects.filter(Q(interaction=OuterRef("pk")) | fraud, lifted_at=None)
    return there.order_by("kind").values("kind").distinct()


def _named(agent: Agent | None) -> QuerySet[Mention, Any]:
    """By whom this agent is named in notes not read yet (OuterRef)."""
    unseen = Mention.objects.filter(interaction=OuterRef("pk"), agent=agent, seen_at=None)
    return unseen.order_by("pk").values("message__agent__display_name")[:5]


def _whispers(agent: Agent | None) -> QuerySet[Whisper, Any]:
    """What was whispered to this agent and not heard yet (OuterRef)."""
    unheard = Whisper.objects.filter(interaction=OuterRef("pk"), agent=agent, heard_at=None)
    return unheard.values(one=JSONObject(id="pk", text="text", name="by__first_name"))[:5]


def _last_answer() -> QuerySet[Message, Any]:
    """The agent's last words (OuterRef)."""
    answers = Message.objects.filter(
        interaction=OuterRef("pk"), kind=Message.Kind.TEXT, author=Message.Author.AGENT
    )
    return answers.exclude(customer_seq=None).order_by("-pk")


def _assistants() -> QuerySet[Participant, Any]:
    """Colleagues of the holder who write too (OuterRef)."""
    there = Participant.objects.filter(
        interaction=OuterRef("pk"), role=Participant.Role.ASSIST, left_at=None
    )
    return there.order_by("joined_at").values(
        one=JSONObject(id="agent_id", name="agent__display_name")
    )


def next_due() -> QuerySet[DueTime]:
    """What is due first of an interaction (OuterRef). An answer given in a live chat counts at
    once, though its clock is ended a few seconds later (services/targets.py)."""
    answered = Q(
        kind__in=[DueTime.Kind.FIRST, DueTime.Kind.NEXT],
        interaction__first_answer_at__isnull=False,
        interaction__last_agent_at__gte=F("started_at"),
    )
    runs = DueTime.objects.filter(interaction=OuterRef("pk"), done_at=None, due_at__isnull=False)
    return runs.exclude(answered).order_by("due_at")


def complaint_of(row: Interaction) -> dict[str, Any] | None:
    if row.nature != Interaction.Nature.COMPLAINT or not hasattr(row, "complaint"):
        return None
    complaint = row.complaint
    return {
        "level": complaint.level,
        "name": complaint.get_level_display(),
        "owner": {"id": complaint.owner_id, "name": str(complaint.owner)}
        if complaint.owner
        else None,
    }


def row_of(row: Any, last: Message | None) -> dict[str, Any]:
    customer = row.customer
    return {
        "i": row.pk,
        "seq": row.staff_seq,
        "ref": row.reference,
        "channel": row.channel,
        "status": row.status,
        "customer": {
            "id": customer.pk,
            "name": str(customer),
            "addressed": customer.addressed(row.language) or str(customer),
            "simulated": customer.is_simulated,
        },
        "title": row.title,
        "subject": {"id": row.subject.merged_into_id or row.subject_id, "name": row.subject.name}
        if row.subject
        else None,
        "queue": {"id": row.queue_id, "name": row.queue.name} if row.queue else None,
        "agent": {"id": row.agent_id, "name": row.agent.display_name} if row.agent else None,
        "assistants": row.assistants,
        "language": row.language,
        "priority": row.priority,
        "promise": row.promise,
        "hard": row.hard,
        "named": row.named,
        "whispers": row.whispered,
        "live": registry.channel(row.channel).live,
        "due": row.due,
        "complaint": complaint_of(row),
        "line": line_of(last) if last else None,
        "unread": row.unread if row.agent_id else [],
        "read": row.read_mark,
        "opened_at": iso(row.opened_at),
        "waiting_since": iso(row.waiting_since),
        "last_customer_at": iso(row.last_customer_at),
        "last_agent_at": iso(row.last_agent_at),
        "wake_at": iso(row.wake_at),
        "ended_at": iso(row.ended_at),
        "wrap_until": iso(wrap_up.ends_at(row)),
        "wrap_more": wrap_up.times_left(row),
        "closed_at": iso(row.closed_at),
        "outcome": row.get_outcome_display() if row.outcome else "",
        "verified": verifying.proof(row),
        "score": row.score,
        "own": row.own,
    }


def line_of(message: Message) -> dict[str, Any]:
    """The last words of either side; what was taken back has none."""
    gone = message.deleted_at is not None
    return {
        "id": message.pk,
        "author": message.author,
        "agent": message.agent.display_name if message.agent else None,
        "text": "" if gone else " ".join(message.text[: _PREVIEW * 2].split())[:_PREVIEW],
        "deleted": gone,
        "at": iso(message.created_at),
    }


def iso(at: datetime | None) -> str | None:
    return posting.iso(at) if at else None


def waiting_for(agent: Agent) -> int:
    """How many of an agent's exchanges wait for the agent: it is their turn."""
    theirs = Q(last_customer_at=None) | Q(last_agent_at__lte=F("last_customer_at"))
    turn = Q(last_agent_at=None) | theirs
    return Interaction.objects.filter(
        turn, agent=agent, status=Status.ACTIVE, ended_at=None
    ).count()


def channels() -> dict[str, dict[str, Any]]:
    """How each channel is drawn."""
    return {
        channel.name: {
            "label": str(channel.label),
            "icon": channel.icon,
            "live": channel.live,
            "load": channel.load,
            "letters": channel.letters is not None,
            "original": reverse(channel.original, args=[0]) if channel.original else "",
        }
        for channel in registry.channels()
    }
