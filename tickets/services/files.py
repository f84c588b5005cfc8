"""The files of received mails, stored by their content."""

from collections.abc import Iterable

from crm.models import Attachment, Message
from crm.services import files
from tickets.mail.parse import Attachment as ParsedFile
from tickets.mail.parse import ParsedMail

LIMIT = 100  # of one mail


def count(parsed: ParsedMail) -> int:
    """Without the pictures that its HTML shows: they are part of the letter."""
    return sum(not _is_within(file, parsed) for file in parsed.attachments)


def _is_within(file: ParsedFile, parsed: ParsedMail) -> bool:
    return bool(file.inline_id) and f'src="cid:{file.inline_id}"' in parsed.html


def keep(mails: Iterable[tuple[Message, ParsedMail]]) -> None:
    """Bytes first, rows after them; bytes whose rows never come are found by their digest again."""
    Attachment.objects.bulk_create(
        _row(message, file) for message, parsed in mails for file in parsed.attachments[:LIMIT]
    )


def _row(message: Message, file: ParsedFile) -> Attachment:
    kind = _kind(file)
    return files.row_of(
        message,
        file.name or "file",
        kind,
        files.without_place(kind, file.bytes),
        scan=files.scan_later(),
        inline_id=file.inline_id,
    )


def _kind(file: ParsedFile) -> str:
    """By its content; what its sender says counts only for kinds that are never shown."""
    if kind := files.kind_of(file.bytes):
        return kind
    return "application/octet-stream" if file.content_type in files.NAMES else file.content_type
