"""The files that go along with a mail of ours."""

from crm.models import Attachment
from crm.services import files
from tickets.mail.compose import Piece
from tickets.models import Mail


class Unchecked(Exception):
    """The virus scanner's word on one of them is still to come."""


class Infected(Exception):
    """One of them is not given to anybody."""


def rows(mail: Mail) -> list[Attachment]:
    """Its message's own, or those of other messages that it takes along (a forwarded mail's)."""
    if mail.message is None:
        return []
    taken = Attachment.objects.filter(pk__in=mail.message.body.get("takes", []))
    return list((taken | mail.message.attachments.all()).order_by("pk").exclude(file=""))


def of(mail: Mail) -> list[Piece]:
    """Raises Unchecked, Infected."""
    found = rows(mail)
    files.settle(found)
    if any(row.scan == Attachment.Scan.INFECTED for row in found):
        raise Infected("a file in it is infected")
    if not all(row.may_go for row in found):
        raise Unchecked
    return [_piece(row, mail) for row in found]


def _piece(row: Attachment, mail: Mail) -> Piece:
    with row.file.open("rb") as content:
        within = row.inline_id if f"cid:{row.inline_id}" in mail.html else ""
        return Piece(row.name, row.content_type, content.read(), within)
