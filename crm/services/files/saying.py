"""A file said in a live conversation: one message, one file."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet

from crm.models import Agent, Attachment, Interaction, Message
from crm.services import posting

from .checking import Refused, check

MOST_FILES = 50  # in one exchange


@transaction.atomic
def say(
    interaction: Interaction,
    *,
    author: str,
    file: UploadedFile,
    client_id: str,
    agent: Agent | None = None,
) -> Message:
    """Post it, once per `client_id`. The name is the message's text, so that whoever reads the
    conversation elsewhere (a mail, an export, the search) sees that there was a file.

    Raises Refused. Rights are the door's business, and so is that the channel is live."""
    checked = check(file)
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction.pk)
    if known := row.messages.filter(client_id=client_id).first():
        return known
    if Attachment.objects.filter(message__interaction=row).count() >= MOST_FILES:
        raise Refused("too_many")
    return posting.post(
        interaction,
        author=author,
        agent=agent,
        text=checked.name,
        body={"file": {"name": checked.name, "type": checked.kind, "size": len(checked.content)}},
        client_id=client_id,
        attach=checked.attach,
    )


def files_of(message_ids: Sequence[int], interaction_id: int) -> dict[int, Attachment]:
    """The file of each message of a live conversation that the customer sees too, while it is
    kept and not taken back."""
    return {row.message_id: row for row in _shown(message_ids, interaction_id)}


def all_of(message_ids: Sequence[int], interaction_id: int) -> dict[int, list[Attachment]]:
    """The same of letters, which have several; without the logos within a customer's own."""
    within = Q(message__author=Message.Author.CUSTOMER) & ~Q(inline_id="")
    found: dict[int, list[Attachment]] = {}
    for row in _shown(message_ids, interaction_id).exclude(within).order_by("pk"):
        found.setdefault(row.message_id, []).append(row)
    return found


def _shown(message_ids: Sequence[int], interaction_id: int) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(
        message__in=message_ids, message__interaction=interaction_id, message__deleted_at=None
    )
    return rows.exclude(message__customer_seq=None)


def file_of(message_id: int, interaction_id: int) -> Attachment | None:
    return files_of([message_id], interaction_id).get(message_id)
