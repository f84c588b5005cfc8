"""What an agent says to the customer, or notes for colleagues."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Agent, Interaction, Message, Status
from crm.services import interactions, posting, verification
from crm.text import mask_cards

from . import ending, filing
from .checks import answers_it
from .refusal import Refusal

LONGEST = {"chat": posting.MAX_LENGTH}
LONGEST_LETTER = 100_000


def _text(request: HttpRequest, row: Interaction, note: bool) -> str:
    """What is said live holds no card number (crm.text)."""
    text = request.POST.get("text", "")
    return text if note or not registry.channel(row.channel).live else mask_cards(text)


def say(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """One message or note, once per client_id; `then` may wait for the customer, or close."""
    note = request.POST.get("kind") == Message.Kind.NOTE
    text, client_id = _text(request, row, note), request.POST.get("client_id", "")
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
    if not known and not note and request.POST.get("personal"):
        _say_personal(row, agent, text, client_id)
    elif not known:
        posting.post(
            row,
            author=Message.Author.AGENT,
            kind=Message.Kind.NOTE if note else Message.Kind.TEXT,
            text=text,
            agent=agent,
            client_id=client_id,
            to_customer=not note,
        )
    if then == "wait" and row.status != Status.CLOSED:
        interactions.wait_for_customer(row, by=agent)
    elif then == "close" and row.status != Status.CLOSED:
        ending.close(request, row, agent)


def send_file(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    answers_it(row, agent)
    filing.say(request, row, agent)


def _say_personal(row: Interaction, agent: Agent, text: str, client_id: str) -> None:
    try:
        verification.say_personal(row, agent=agent, text=text, client_id=client_id)
    except verification.NotVerified:
        raise Refusal(
            "not_verified", _("Not verified: what is personal is not sent yet.")
        ) from None
