"""What agents have begun to write: kept while they type, forgotten when it is sent or old."""

from datetime import timedelta

from django.db.models import Max

from crm import clock
from crm.models import Agent, Draft, Interaction, Message
from crm.services import wording

_FORGOTTEN = timedelta(days=30)
_SENT_AS = {Message.Kind.TEXT: Draft.Kind.TEXT, Message.Kind.NOTE: Draft.Kind.NOTE}


def keep(interaction: Interaction, agent: Agent, kind: str, text: str) -> None:
    """The words as they are now, without card numbers; none: the draft is gone. The last one who
    keeps wins."""
    mine = Draft.objects.filter(agent=agent, interaction=interaction, kind=kind)
    if not text.strip():
        mine.delete()
        return
    Draft.objects.update_or_create(
        agent=agent,
        interaction=interaction,
        kind=kind,
        defaults={"text": wording.masked(text)[: Draft.LONGEST], "at": clock.now()},
    )


def of(interaction: Interaction, agent: Agent) -> dict[str, str]:
    """By kind. One that is older than what the agent said since was sent by it: when a browser
    dies between the line and the forgetting, nobody must find words that are out already."""
    mine = Draft.objects.filter(interaction=interaction, agent=agent)
    drafts = {one.kind: one for one in mine}
    if not drafts:
        return {}
    said = Message.objects.filter(interaction=interaction, agent=agent, kind__in=_SENT_AS)
    for kind, at in said.order_by().values_list("kind").annotate(Max("created_at")):
        there = drafts.get(_SENT_AS[kind])
        if there and there.at <= at:
            del drafts[there.kind]
    return {kind: one.text for kind, one in drafts.items()}


def forget_old() -> int:
    """Nobody comes back to them after a month. A sweep."""
    count, _models = Draft.objects.filter(at__lt=clock.now() - _FORGOTTEN).delete()
    return count
