"""Who wrote a mail that somebody forwards. Pure."""

import re

from tickets.mail.headers import addresses
from tickets.mail.mime import Part, entity

_LOOKED_AT = 20_000  # characters of the text
_SUBJECT = re.compile(r"^\s*(?:tr|fwd?|wg|rv|i|enc|doorst|pd)\s*[:：]", re.IGNORECASE)
_FROM = re.compile(
    r"^[>\s*]{0,8}(?:de|exp[ée]diteur|from|von|da|van|od)\*?[\s\xa0]*[:：]\*?[\s\xa0]*(.{3,300})$",
    re.IGNORECASE | re.MULTILINE,
)


def author(subject: str, text: str, leaves: list[Part]) -> tuple[str, str] | None:
    """(name, address), when its subject says that it is a forward: of the mail that is attached,
    else of the header lines that mail programs write above what they forward."""
    if not _SUBJECT.match(subject):
        return None
    lines = [
        entity(part.body[:65_536], "text/plain").headers.raw("from")
        for part in leaves
        if part.content_type == "message/rfc822"
    ][:1] or [match[1] for match in _FROM.finditer(text[:_LOOKED_AT])][:3]
    for line in lines:
        # Outlook writes "Ada Lenoir [mailto:ada@…]", older ones too
        found = addresses(line.replace("[mailto:", "<").replace("]", ">"))
        if found:
            return found[0].name, found[0].email
    return None
