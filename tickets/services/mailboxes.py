"""Which of our addresses: the one written to, and the one we answer from."""

from crm.models import Interaction
from tickets.mail import compose, tokens
from tickets.models import Mailbox


def named(address: str) -> Mailbox | None:
    """The mailbox in use that this recipient address means: plain, or with a reply token."""
    address = address.strip().lower()
    token = tokens.read_address(address)
    return Mailbox.objects.filter(address=token[0] if token else address, is_active=True).first()


def answering(interaction: Interaction | None) -> Mailbox | None:
    """Where an answer comes from: the mailbox the request came to, else its queue's, else the
    first. What belongs to no request comes from the installation's own address."""
    boxes = Mailbox.objects.filter(is_active=True).order_by("pk")
    if interaction is None:
        return boxes.filter(address=compose.installation_sender()[1].lower()).first()
    own = boxes.filter(tickets__interaction=interaction).first()
    return own or of_queue(interaction.queue_id)


def of_queue(queue_id: int | None) -> Mailbox | None:
    """The queue's first mailbox in use, else the first of all."""
    boxes = Mailbox.objects.filter(is_active=True).order_by("pk")
    theirs = boxes.filter(queue=queue_id).first() if queue_id else None
    return theirs or boxes.first()
