"""What an agent says to the customer, or notes for colleagues."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction, Message, Status
from crm.services import interactions, noting, posting

from . import ending, filing, letters, together
from .checks import answers_it
from .refusal import Refusal

LONGEST = {"chat": posting.MAX_LENGTH}
LONGEST_LETTER = 100_000


def say(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any] | None:
    """One message or note, once per client_id; `then` may wait for the customer, or close."""
    note = request.POST.get("kind") == Message.Kind.NOTE
    text, client_id = request.POST.get("text", ""), request.POST.get("client_id", "")
    then = request.POST.get("then", "")
    if (
        not text.strip()
        or not client_id
        or len(client_id) > 64
        or then not in ("", "wait", "close")
    ):
        raise Refusal("malformed", _("There is nothing to send."), 400)
    if len(text) > LONGEST.get(row.channel, LONGEST_LETTER):
        raise Refusal("too_large", _("This is too long for one message."), 400)
    known = row.messages.filter(client_id=client_id, agent=agent).exists()
    if not note and not known:
        answers_it(row, agent)
    said = None
    if not known and not note:
        together.nobody_was_faster(request, row, agent)
        said = letters.say(request, row, agent, text)
    elif not known:
        noting.note(row, text, agent=agent, client_id=client_id)
    if then == "wait" and row.status != Status.CLOSED:
        interactions.wait_for_customer(row, by=agent)
    elif then == "close" and row.status != Status.CLOSED:
        return {**(said or {}), **ending.close(request, row, agent)}
    return said


def send_file(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    answers_it(row, agent)
    filing.say(request, row, agent)
