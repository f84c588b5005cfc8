"""A file that somebody wants to send, looked at before anything is stored."""

from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import Attachment, Message
from crm.services import posting

from . import scanning
from .kinds import NAMES, kind_of
from .storing import row_of
from .stripping import without_place

MOST_BYTES = 10 * 1024 * 1024

_WORDS: dict[str, Promise] = {
    "too_large": _("This file is larger than 10 MB."),
    "kind": _(
        "Files of this kind are not sent. Pictures, short films, PDF, office documents and plain "
        "text are."
    ),
    "infected": _("The virus scanner has found something in this file: it is not sent."),
    "too_many": _("There are too many files in this exchange."),
    "too_much": _("Together the files are larger than 20 MB: mail servers refuse that."),
}


class Refused(Exception):
    """It is not taken; `code` is one of docs/protocol.md, `words` are for whoever sent it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.words = code, _WORDS[code]


@dataclass(frozen=True, slots=True)
class Checked:
    """May be sent: its kind by its content, a name that ends accordingly, no place of a photo."""

    name: str
    kind: str
    content: bytes
    scan: str

    def attach(self, message: Message, inline_id: str = "") -> Attachment:
        row = row_of(
            message, self.name, self.kind, self.content, scan=self.scan, inline_id=inline_id
        )
        row.save(force_insert=True)
        return row


def check(file: UploadedFile) -> Checked:
    """Raises Refused."""
    if (file.size or 0) > MOST_BYTES:
        raise Refused("too_large")
    content = file.read()
    kind = kind_of(content) if content else ""
    if not kind:
        raise Refused("kind")
    scan = scanning.before(content)
    if scan == Attachment.Scan.INFECTED:
        raise Refused("infected")
    return Checked(_named(file.name or "", kind), kind, without_place(kind, content), scan)


def _named(name: str, kind: str) -> str:
    """Its own last part, ending as its content does: no program in a picture's clothes."""
    bare = posting.clean(PurePath(name.replace("\\", "/")).name, limit=None)
    bare = " ".join(bare.split())[-150:] or "file"
    return bare if bare.lower().endswith(NAMES[kind]) else bare + NAMES[kind][0]
