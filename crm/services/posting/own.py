"""A line taken back or said differently: only by whoever said it, and only their last one."""

from django.db import transaction

from crm.models import Interaction, Message, Status

from . import single, texts


@transaction.atomic
def change_own(
    interaction_id: int,
    message_id: int,
    text: str | None,
    *,
    author: str,
    agent_id: int | None = None,
) -> str:
    """Reword it, or take it back when `text` is None. Empty, or a code of docs/protocol.md."""
    row = Interaction.objects.select_for_update(of=("self",)).filter(pk=interaction_id).first()
    if row is None:
        return "unknown"
    if row.status == Status.CLOSED:
        return "closed"
    said = row.messages.filter(kind=Message.Kind.TEXT, author=author, deleted_at=None)
    last = said.filter(**{"agent_id": agent_id}).order_by("-pk").first()
    is_file = last is not None and "file" in last.body  # it has a name and no words
    if last is None or last.pk != message_id or (is_file and text is not None):
        return "forbidden"
    if text is None:
        single.delete(last)
        return ""
    if not texts.clean(text, limit=None).strip():
        return "malformed"
    if len(text) > texts.MAX_LENGTH:
        return "too_large"
    if text != last.text:
        single.edit(last, text)
    return ""
