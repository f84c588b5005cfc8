"""A file said in a live conversation: one message, one file."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import Agent, Attachment, Interaction, Message
from crm.services import posting

from .kinds import NAMES, kind_of
from .storing import keep

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 50  # in one exchange


_WORDS: dict[str, Promise] = {
    "too_large": _("This file is larger than 10 MB."),
    "kind": _(
        "Files of this kind are not sent. Pictures, short films, PDF, office documents and plain "
        "text are."
    ),
    "too_many": _("There are too many files in this exchange."),
}


class Refused(Exception):
    """It is not taken; `code` is one of docs/protocol.md, `words` are for whoever sent it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.words = code, _WORDS[code]


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
    if (file.size or 0) > MOST_BYTES:
        raise Refused("too_large")
    content = file.read()
    kind = kind_of(content) if content else ""
    if not kind:
        raise Refused("kind")
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction.pk)
    if known := row.messages.filter(client_id=client_id).first():
        return known
    if Attachment.objects.filter(message__interaction=row).count() >= MOST_FILES:
        raise Refused("too_many")
    name = _named(file.name or "", kind)
    message = posting.post(
        interaction,
        author=author,
        agent=agent,
        text=name,
        body={"file": {"name": name, "type": kind, "size": len(content)}},
        client_id=client_id,
    )
    _attach(message, name, kind, content)
    return message


def _named(name: str, kind: str) -> str:
    """Its own last part, ending as its content does: no program in a picture's clothes."""
    bare = posting.clean(PurePath(name.replace("\\", "/")).name, limit=None)
    bare = " ".join(bare.split())[-150:] or "file"
    return bare if bare.lower().endswith(NAMES[kind]) else bare + NAMES[kind][0]


def _attach(message: Message, name: str, kind: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    row = Attachment(
        message=message, name=name, content_type=kind, size=len(content), sha256=digest
    )
    row.file.name = keep(row.file.field.generate_filename(row, digest), content)
    row.save(force_insert=True)


def files_of(message_ids: Sequence[int], interaction_id: int) -> dict[int, Attachment]:
    """The files of messages of one exchange that the customer sees too, while they are kept and
    not taken back."""
    rows = Attachment.objects.filter(
        message__in=message_ids, message__interaction=interaction_id, message__deleted_at=None
    ).exclude(message__customer_seq=None)
    return {row.message_id: row for row in rows}


def file_of(message_id: int, interaction_id: int) -> Attachment | None:
    return files_of([message_id], interaction_id).get(message_id)
