"""What a chat sold: an order's reference and its amount, for the conversion figures."""

from decimal import Decimal

from django.db import transaction

from chat.models import Chat
from crm.models import Interaction, Message
from crm.services import posting


def complete(chat: Chat) -> bool:
    """Both or neither."""
    return bool(chat.order_reference) == (chat.order_amount is not None)


@transaction.atomic
def note(chat: Chat, reference: str, amount: Decimal | None) -> None:
    """Note it for colleagues and figures; the closing code stays the agent's. Twice is once."""
    if (chat.order_reference, chat.order_amount) == (reference, amount):
        return
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=chat.pk)
    chat.order_reference, chat.order_amount = reference, amount
    chat.save(update_fields=["order_reference", "order_amount"])
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={
            "event": "ordered" if reference else "order_undone",
            "reference": reference,
            "amount": f"{amount:.2f}" if amount is not None else "",
        },
        to_customer=False,
    )
