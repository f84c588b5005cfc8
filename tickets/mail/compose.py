"""An outbox row to the bytes that leave: text always, HTML beside it, proper headers."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings

from tickets.mail.filters import LOOP_HEADER
from tickets.models import Mail

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def one_line(text: str, limit: int = 300) -> str:
    """Safe in a header: no line break ever comes out of a customer's subject."""
    return _CONTROL.sub(" ", text).strip()[:limit]


def our_domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"


def installation_sender() -> tuple[str, str]:
    """(name, address) of mails that belong to no mailbox."""
    return parseaddr(settings.MAIL_FROM)


def message(mail: Mail) -> EmailMessage:
    """The same bytes each time for one row: a second sending is a copy, not another mail."""
    out = EmailMessage(policy=SMTP)
    out["From"] = _address(mail.from_name, mail.from_email)
    out["To"] = ", ".join(mail.to)
    if mail.cc:
        out["Cc"] = ", ".join(mail.cc)
    if mail.reply_to:
        out["Reply-To"] = _address(mail.from_name, mail.reply_to)
    out["Subject"] = one_line(mail.subject)
    out["Date"] = format_datetime(mail.created_at)
    out["Message-ID"] = f"<{mail.header_id}>"
    if mail.in_reply_to:
        out["In-Reply-To"] = f"<{mail.in_reply_to}>"
    if mail.references:
        out["References"] = " ".join(f"<{reference}>" for reference in mail.references[-20:])
    if mail.language:
        out["Content-Language"] = mail.language
    out[LOOP_HEADER] = "1"
    if mail.template:
        # robots answer nobody, and nobody's robot answers them
        out["Auto-Submitted"] = "auto-generated"
        out["X-Auto-Response-Suppress"] = "All"
    out.set_content(mail.text, charset="utf-8")
    if mail.html:
        out.add_alternative(mail.html, subtype="html", charset="utf-8")
    return out


def _address(name: str, address: str) -> str:
    try:
        return str(Address(display_name=one_line(name, 80), addr_spec=address))
    except (ValueError, IndexError):  # an address no mail program would take: leave it bare
        return address
