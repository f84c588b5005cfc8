"""Macros: which are offered for an exchange, and doing one, all of it or nothing."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from crm import clock
from crm.models import Agent, Interaction, Macro, ReplyTemplate, Status
from crm.services import answering, interactions, noting, templates

Then = Macro.Then


def offered(interaction: Interaction) -> QuerySet[Macro]:
    """Those of its queue or of all whose answer, if they have one, may be given today in its
    customer's language."""
    said = templates.offered(interaction).values("pk")
    here = Q(queue=None) | Q(queue=interaction.queue_id)
    found = Macro.objects.filter(here, Q(reply=None) | Q(reply__in=said), is_active=True)
    return found.select_related("reply", "subject", "to_queue")


@transaction.atomic
def do(macro: Macro, row: Interaction, *, by: Agent, client_id: str) -> Interaction:
    """Every step, in the exchange that `by` holds. The key makes its words be said once. Raises
    NotFree, and what its steps raise."""
    row = interactions.locked_with_agents(row, by)
    if row.agent_id != by.pk or row.status == Status.CLOSED:
        raise interactions.NotFree(row.reference)
    if macro.reply:
        _answer(macro.reply, row, by, client_id)
    if macro.note:
        noting.note(row, macro.note, agent=by, client_id=f"{client_id}.note")
    if macro.subject or macro.nature:
        row.real_subject = macro.subject or row.real_subject
        row.nature = _nature(macro, row)
        row.save(update_fields=["real_subject", "nature"])
    return _then(macro, row, by)


def _answer(reply: ReplyTemplate, row: Interaction, by: Agent, client_id: str) -> None:
    text = templates.filled(reply, row, by)
    answering.answer(row, agent=by, text=text, client_id=f"{client_id}.reply")
    templates.use(reply, row, client_id=client_id, edited=False)


def _nature(macro: Macro, row: Interaction) -> str:
    """A complaint stays one: it has rules of its own."""
    return row.nature if row.nature == Interaction.Nature.COMPLAINT else macro.nature or row.nature


def _then(macro: Macro, row: Interaction, by: Agent) -> Interaction:
    if macro.then == Then.WAIT:
        return interactions.wait_for_customer(row, by=by)
    if macro.then == Then.SNOOZE:
        until = clock.now() + timedelta(hours=macro.snooze_hours or 0)
        return interactions.snooze(row, by=by, until=until)
    if macro.then == Then.TRANSFER:
        return interactions.transfer(row, by=by, to_queue=macro.to_queue)
    if macro.then == Then.CLOSE:
        return interactions.close(row, by=by, outcome=macro.outcome)
    interactions.nudge(row)
    return row
