"""Which of our addresses: the one written to, and the one we answer from."""

from crm.models import Interaction
from tickets.mail import tokens
from tickets.models import Mailbox


def named(address: str) -> Mailbox | None:
    """The mailbox in use that this recipient address means: plain, or with a reply token."""
    address = address.strip().lower()
    token = tokens.read_address(address)
    return Mailbox.objects.filter(address=token[0] if token else address, is_active=True).first()


def of_recipients(addresses: list[str]) -> Mailbox | None:
    """The first mailbox among the recipients of a mail."""
    wanted = [
        (token[0] if (token := tokens.read_address(address)) else address)
        for address in (address.lower() for address in addresses)
    ]
    found = {box.address: box for box in Mailbox.objects.filter(address__in=wanted)}
    return next((found[address] for address in wanted if address in found), None)


def is_ours(address: str) -> bool:
    address = address.lower()
    token = tokens.read_address(address)
    return Mailbox.objects.filter(address=token[0] if token else address).exists()


def answering(interaction: Interaction | None) -> Mailbox | None:
    """Where an answer comes from: the mailbox the request came to, else its queue's, else any."""
    boxes = Mailbox.objects.filter(is_active=True)
    if interaction is not None:
        own = boxes.filter(tickets__interaction=interaction).first()
        if own is not None:
            return own
        if interaction.queue_id:
            of_queue = boxes.filter(queue=interaction.queue_id).order_by("pk").first()
            if of_queue is not None:
                return of_queue
    return boxes.order_by("pk").first()
