"""The lines that no batch can take: one by one, each with its own transaction and its own fate."""

import logging

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection, transaction

from crm.models import Agent, Interaction, Message, Status

from . import single
from .lines import Answer, Line, Posted, Refused, fault

log = logging.getLogger(__name__)


def post_slowly(line: Line, *, patience: str = "5s") -> Answer:
    """One line through `post`, in a transaction of its own: waits for a locked interaction, wakes
    or reopens it for its customer. An agent's text on a closed one is refused."""
    if code := fault(line):
        return Refused(line, code)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
            return _post_one(line)
    except (OperationalError, InterfaceError) as error:
        # lock_timeout arrives as an OperationalError too: both mean "again, please"
        log.warning("a line could not be stored now: %s", type(error).__name__)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return Refused(line, "busy")
    except DatabaseError as error:
        log.warning("a line was refused by the database: %s", type(error).__name__)
        return Refused(line, "malformed")


def _post_one(line: Line) -> Answer:
    row = Interaction.objects.select_for_update(of=("self",)).filter(pk=line.interaction_id).first()
    if row is None:
        return Refused(line, "unknown")
    known = row.messages.filter(client_id=line.client_id).first()
    if known:
        return Posted(line, known.pk, known.staff_seq, known.customer_seq, repeated=True)
    if _too_late(row, line):
        return Refused(line, "closed")
    agent = Agent.objects.filter(pk=line.agent_id).first() if line.agent_id else None
    if line.agent_id and agent is None:
        return Refused(line, "forbidden")
    message = single.post(
        row,
        author=line.author,
        text=line.text,
        kind=line.kind,
        agent=agent,
        client_id=line.client_id,
    )
    waiting = row.status == Status.WAITING
    return Posted(line, message.pk, message.staff_seq, message.customer_seq, waiting)


def _too_late(row: Interaction, line: Line) -> bool:
    return (
        row.status == Status.CLOSED
        and line.author == Message.Author.AGENT
        and line.kind == Message.Kind.TEXT
    )
