"""An outbox row to the bytes that leave: text always, HTML beside it, its files, proper headers."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.encoders import encode_base64
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.mime.base import MIMEBase
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings

from tickets.mail.filters import LOOP_HEADER
from tickets.models import Mail

# seven bits: no server on the way has a reason to change what is signed
_POLICY = SMTP.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that goes along; with `inline_id`, a picture that the HTML shows."""

    name: str
    content_type: str
    content: bytes
    inline_id: str = ""


def one_line(text: str, limit: int = 300) -> str:
    """Safe in a header: no line break ever comes out of a customer's subject."""
    return _CONTROL.sub(" ", text).strip()[:limit]


def our_domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"


def installation_sender() -> tuple[str, str]:
    """(name, address) of mails that belong to no mailbox."""
    return parseaddr(settings.MAIL_FROM)


def message(mail: Mail, pieces: Sequence[Piece] = ()) -> EmailMessage:
    """The same bytes each time for one row: a second sending is a copy, not another mail."""
    out = EmailMessage(policy=_POLICY)
    for name, value in headers(mail).items():
        out[name] = value
    out.set_content(mail.text, charset="utf-8")
    if mail.html:
        out.add_alternative(mail.html, subtype="html", charset="utf-8")
    for piece in pieces:
        _add(out, piece)
    _name_boundaries(out, mail.header_id)
    return out


def headers(mail: Mail) -> dict[str, str]:
    """In the order in which they are written; blind copies are the envelope's only."""
    robot = bool(mail.template)  # robots answer nobody, and nobody's robot answers them
    found = {
        "From": _address(mail.from_name, mail.from_email),
        "To": ", ".join(mail.to),
        "Cc": ", ".join(mail.cc),
        "Reply-To": _address(mail.from_name, mail.reply_to) if mail.reply_to else "",
        "Subject": one_line(mail.subject),
        "Date": format_datetime(mail.created_at),
        "Message-ID": f"<{mail.header_id}>",
        "In-Reply-To": f"<{mail.in_reply_to}>" if mail.in_reply_to else "",
        "References": " ".join(f"<{reference}>" for reference in mail.references[-20:]),
        "Content-Language": mail.language,
        LOOP_HEADER: "1",
        "Auto-Submitted": "auto-generated" if robot else "",
        "X-Auto-Response-Suppress": "All" if robot else "",
        "List-Unsubscribe": f"<{mail.unsubscribe_url}>" if mail.unsubscribe_url else "",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if mail.unsubscribe_url else "",
    }
    return {name: value for name, value in found.items() if value or name in ("To", "Subject")}


def recipients(mail: Mail) -> list[str]:
    return list(dict.fromkeys([*mail.to, *mail.cc, *mail.bcc]))


def as_part(piece: Piece) -> MIMEBase:
    """For programs that put a mail together themselves."""
    part = MIMEBase(*_kind(piece))
    part.set_payload(piece.content)
    encode_base64(part)
    part.add_header(
        "Content-Disposition",
        "inline" if piece.inline_id else "attachment",
        filename=("utf-8", "", piece.name),
    )
    if piece.inline_id:
        part["Content-ID"] = f"<{piece.inline_id}>"
    return part


def _kind(piece: Piece) -> tuple[str, str]:
    """Text goes as bytes: its line ends and its charset stay as they are."""
    main, _slash, sub = piece.content_type.partition("/")
    return (main, sub) if sub and main != "text" else ("application", "octet-stream")


def _add(out: EmailMessage, piece: Piece) -> None:
    main, sub = _kind(piece)
    page = out.get_body(("html",)) if piece.inline_id else None
    if page is None:
        out.add_attachment(piece.content, main, sub, filename=piece.name)
        return
    page.add_related(
        piece.content,
        main,
        sub,
        cid=f"<{piece.inline_id}>",
        filename=piece.name,
        disposition="inline",
    )


def _name_boundaries(out: MIMEPart, seed: str) -> None:
    several: Any = (part for part in out.walk() if part.is_multipart())
    for number, part in enumerate(several):
        digest = hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()[:24]
        part.set_boundary(f"=_{digest}")


def _address(name: str, address: str) -> str:
    try:
        return str(Address(display_name=one_line(name, 80), addr_spec=address))
    except (ValueError, IndexError):  # an address no mail program would take: leave it bare
        return address
