"""An exchange goes on in another channel: a new one continues it, with what was said."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import Agent, Interaction, Message, Status, Subject
from crm.services import complaints, interactions, kept, posting
from crm.services.interactions import complaints as rules
from crm.services.interactions.base import locked_with_agents, tell

_LONGEST = 20_000  # characters of what was said, the last ones


def ways(row: Interaction) -> list[registry.Continuation]:
    """Where it may go on."""
    return [way for way in registry.continuations() if way.channel != row.channel]


@transaction.atomic
def go_on(
    interaction: Interaction,
    channel: str,
    *,
    by: Agent,
    address: str = "",
    moment: datetime | None = None,
    subject: Subject | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Interaction:
    """Open the new exchange, tell both sides, close the old one as handed on. A complaint goes on
    as the complaint it is, with the time it has had.

    Raises registry.CannotGoOn; NotFree when it is closed or somebody else's."""
    at = at or clock.now()
    old = locked_with_agents(interaction, by)
    if old.status == Status.CLOSED or old.agent_id not in (None, by.pk):
        raise interactions.NotFree(old.reference)
    way = next((one for one in ways(old) if one.channel == channel), None)
    if way is None:
        raise registry.CannotGoOn(_("It cannot go on there."))
    said = kept.words(old, _LONGEST)
    new, words = way.open(old, subject or old.subject, address.strip(), moment, said or old.title)
    _keep(old, new, by, note)
    if complaint := rules.of(old):
        complaints.turn_into(new, by=by, owner=complaint.owner, at=complaint.level_since)
        type(complaint).objects.filter(interaction=new).update(level=complaint.level)
    posting.post(
        old,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        text=words,
        body={"event": "goes_on", "channel": channel, "reference": new.reference, "to": new.pk},
        at=at,
    )
    tell(new, "goes_on_from", channel=old.channel, reference=old.reference, of=old.pk)
    interactions.close(old, by=by, outcome=Interaction.Outcome.HANDED_ON, at=at)
    return new


def _lines(row: Interaction) -> QuerySet[Message]:
    said = Message.objects.filter(interaction=row, kind=Message.Kind.TEXT, deleted_at=None)
    return said.exclude(text="").select_related("agent").order_by("pk")


def _keep(old: Interaction, new: Interaction, by: Agent, note: str) -> None:
    """The whole conversation, and what remains to do, for whoever goes on."""
    said = [
        f"{one.agent or old.customer}: {one.text}" for one in _lines(old).exclude(author="system")
    ]
    began = _("What was said before (%(channel)s, no. %(reference)s):") % {
        "channel": registry.channel(old.channel).label,
        "reference": old.reference,
    }
    parts = [note.strip(), "\n".join([began, *said])[-_LONGEST:] if said else ""]
    posting.post(
        new,
        author=Message.Author.AGENT,
        kind=Message.Kind.NOTE,
        text="\n\n".join(part for part in parts if part) or began,
        agent=by,
        to_customer=False,
    )
