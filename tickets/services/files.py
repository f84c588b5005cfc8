"""The files of received mails, stored by their content."""

import hashlib
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
    digest = hashlib.sha256(file.bytes).hexdigest()
    row = Attachment(
        message=message,
        name=(file.name or "file")[:200],
        content_type=file.content_type[:100],
        size=file.size,
        sha256=digest,
        inline_id=file.inline_id[:200],
    )
    row.file.name = files.keep(row.file.field.generate_filename(row, digest), file.bytes)
    return row
