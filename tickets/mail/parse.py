"""Bytes to a plain record. No Django, no database, no exception: any bytes give a result, in
bounded time and memory.

Limits: 25 levels of multipart, 1,000 parts, 256 KB and 1,000 lines of head, 20 KB of one header,
600,000 characters of HTML, 12 million of text. What a limit leaves closed stays in the raw
source, and `truncated` says so."""

import hashlib
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from tickets.mail import charset, filters, forwarded, headers, html, reply, tnef
from tickets.mail.mime import Part, entity, read, safe_name, uuencoded

TEXT_LIMIT = 12_000_000
SUBJECT_LIMIT = 500
# where Outlook's plain text stands for a picture: [cid:image001.png@01DC5B2F.6A3E1C40]
_PICTURE = re.compile(r"\[cid:([^\]@\s]{1,200})(?:@[^\]\s]{0,200})?\]")
_UU_HINT = re.compile(rb"^begin [0-7]{3,4} ", re.MULTILINE)
_CHARSET_META = re.compile(rb"""<meta[^>]{0,200}charset=["']?([\w.:-]{2,40})""", re.IGNORECASE)


@dataclass(slots=True)
class Attachment:
    """A file of a mail, bytes decoded. `inline_id` is its Content-ID where the HTML may show it."""

    name: str
    content_type: str
    size: int
    bytes: bytes
    inline_id: str = ""


@dataclass(slots=True)
class ParsedMail:
    """What a mail says. Addresses are lower case; Message-IDs come without brackets."""

    from_email: str = ""
    from_name: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    subject: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    date: datetime | None = None
    text: str = ""
    html: str = ""  # sanitised
    reply_text: str = ""  # what is new in it
    attachments: list[Attachment] = field(default_factory=list)
    verdict: str = filters.ACCEPT
    why: str = ""
    reply_to: str = ""
    original_ids: list[str] = field(default_factory=list)  # of a bounce: the mails it is about
    failed: list[str] = field(default_factory=list)  # of a bounce: who was not reached
    delayed: bool = False  # of a bounce: only a delay, still being tried
    truncated: bool = False  # a limit left part of it closed
    spam: str = ""  # the header in which a filter calls it spam
    authentication: dict[str, dict[str, str]] = field(default_factory=dict)  # by server
    forwarded_from: tuple[str, str] | None = None  # (name, address) of who wrote it first

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the same names, attachments without their bytes."""
        record = {name: getattr(self, name) for name in self.__slots__ if name != "attachments"}
        record["date"] = self.date.isoformat() if self.date else None
        record["attachments"] = [
            {key: value for key, value in asdict(file).items() if key != "bytes"}
            for file in self.attachments
        ]
        return record

    def content_key(self) -> str:
        """The same for every copy of this mail, whatever way it came; "" without a Message-ID."""
        if not self.message_id:
            return ""
        digest = hashlib.sha256()
        for piece in (self.message_id, self.from_email, self.text, self.html):
            digest.update(piece.encode("utf-8", "replace"))
            digest.update(b"\0")
        for file in self.attachments:
            digest.update(hashlib.sha256(file.bytes).digest())
        return digest.hexdigest()


def parse(raw: bytes) -> ParsedMail:
    """What a mail says, whatever it is made of."""
    try:
        return _parse(raw)
    except Exception as error:  # the promise of this function; the tests look for the causes
        return ParsedMail(
            text=charset.decode(raw[:100_000]),
            verdict=filters.REFUSE,
            truncated=True,
            why=f"unreadable: {type(error).__name__}",
        )


def _parse(raw: bytes) -> ParsedMail:
    root, truncated = read(raw)
    mail = ParsedMail(truncated=truncated)
    _read_head(mail, root)
    content = _Content()
    content.take(root)
    _read_text(mail, content)
    recipients = list(dict.fromkeys(mail.to + mail.cc))
    verdict = filters.judge(root, content.leaves, mail.from_email, recipients, mail.text)
    mail.verdict, mail.why = verdict.verdict, verdict.why
    mail.original_ids, mail.failed = verdict.original_ids, verdict.failed
    mail.delayed = verdict.delayed
    mail.spam, mail.authentication = filters.spam_mark(root), filters.authentication(root)
    mail.forwarded_from = forwarded.author(mail.subject, mail.text, content.leaves)
    return mail


def _read_head(mail: ParsedMail, root: Part) -> None:
    head = root.headers
    senders = head.addresses("from") or head.addresses("sender")
    if senders:
        mail.from_name, mail.from_email = senders[0]
    else:
        mail.from_name = head.text("from")[:200]
    replies = head.addresses("reply-to")
    mail.reply_to = replies[0].email if replies else ""
    mail.to = [address.email for address in head.addresses("to")]
    mail.cc = [address.email for address in head.addresses("cc")]
    mail.subject = head.text("subject")[:SUBJECT_LIMIT]
    ids = head.ids("message-id")
    mail.message_id = ids[0] if ids else ""
    parents = head.ids("in-reply-to")
    mail.in_reply_to = parents[0] if parents else ""
    mail.references = list(dict.fromkeys(head.ids("references") + parents[1:]))[-100:]
    mail.date = headers.date(head.raw("date"))


class _Content:
    """Walks the parts: what is the letter, what comes with it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.htmls: list[str] = []
        self.files: list[Attachment] = []
        self.leaves: list[Part] = []

    def take(self, root: Part) -> None:
        """In the order of the mail, without recursion; of alternatives the plainest text and
        the richest HTML."""
        waiting = [root]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                self.leaves.append(part)
                self._leaf(part)

    def _leaf(self, part: Part) -> None:
        kind = part.content_type
        named = part.disposition == "attachment" or bool(part.filename)
        if kind in {"text/plain", "text/enriched"} and not named:
            self._text(part)
        elif kind == "text/html" and not named:
            if not self._second_alternative(part, self.htmls):
                self.htmls.append(_html_of(part))
        elif kind.startswith("multipart/"):
            # no boundary, or too deep: what it holds is shown as it is
            self.texts.append(charset.decode(part.body, part.charset)[:TEXT_LIMIT])
        elif kind not in {"message/delivery-status", "text/rfc822-headers"}:
            self._file(part)

    def _text(self, part: Part) -> None:
        if self._second_alternative(part, self.texts):
            return
        data = part.content()
        if _UU_HINT.search(data):
            for name, inside in uuencoded(data):
                self.files.append(
                    Attachment(name or "file", "application/octet-stream", len(inside), inside)
                )
            if self.files:
                data = re.sub(rb"(?ms)^begin [0-7]{3,4} [^\r\n]{1,200}\r?\n.*?^end\r?$", b"", data)
        text = charset.decode(data, part.charset)[:TEXT_LIMIT]
        if part.params.get("format", "").lower() == "flowed":
            text = _unflowed(text, delete_space=part.params.get("delsp", "").lower() == "yes")
        self.texts.append(text)

    def _second_alternative(self, part: Part, taken: list[str]) -> bool:
        """The same letter a second time (text/plain twice in one multipart/alternative)."""
        parent = part.parent
        if parent is None or parent.content_type != "multipart/alternative" or not taken:
            return False
        same = [child for child in parent.children if child.content_type == part.content_type]
        return same[0] is not part

    def _file(self, part: Part) -> None:
        data = part.content()
        if data[:4] == tnef.SIGNATURE and self._unpacked(tnef.unpack(data)):
            return
        name = part.filename or _name_for(part, data)
        self.files.append(Attachment(name, part.content_type, len(data), data, part.content_id))

    def _unpacked(self, pack: tnef.Pack) -> bool:
        """What Outlook packed, in the place of the pack. False when there is nothing in it."""
        if pack.text and not self.texts:
            self.texts.append(pack.text[:TEXT_LIMIT])
        if pack.html and not self.htmls:
            self.htmls.append(html.bounded(pack.html))
        self.files += [
            Attachment(
                safe_name(file.name) or "file",
                file.content_type[:100],
                len(file.bytes),
                file.bytes,
                file.content_id[:200],
            )
            for file in pack.files
        ]
        return bool(pack.files or pack.text or pack.html)


def _html_of(part: Part) -> str:
    data = part.content()
    declared = part.charset
    if not charset.codec(declared) and (match := _CHARSET_META.search(data[:4000])):
        declared = match[1].decode("ascii", "replace")
    return html.bounded(charset.decode(data, declared))


_EXTENSIONS = {
    "text/calendar": "ics",
    "message/rfc822": "eml",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "text/html": "html",
    "text/plain": "txt",
    "application/pgp-signature": "asc",
    "application/pkcs7-signature": "p7s",
    "application/ms-tnef": "dat",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
}


def _name_for(part: Part, data: bytes) -> str:
    if part.content_type == "message/rfc822":
        subject = entity(data[:65_536], "text/plain").headers.text("subject")
        return (safe_name(subject.replace("/", "-"))[:100] or "message") + ".eml"
    major = part.content_type.partition("/")[0]
    extension = _EXTENSIONS.get(part.content_type, "bin")
    return f"{major if major in {'image', 'audio', 'video', 'text'} else 'file'}.{extension}"


def _read_text(mail: ParsedMail, content: _Content) -> None:
    text = "\n".join(part.strip("\r\n") for part in content.texts if part.strip())
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")[:TEXT_LIMIT]
    raw_html = "\n".join(part for part in content.htmls if part.strip())
    read_html = ""
    if raw_html:
        raw_html = html.bounded(raw_html)
        mail.html = charset.clean(html.sanitise(raw_html))
        if not text.strip():
            read_html = charset.clean(html.to_text(raw_html))
    mail.text = text if text.strip() else read_html
    new = reply.new_text(mail.text).replace(html.OLD_BELOW, "")
    mail.reply_text = _PICTURE.sub(r"[\1]", new)
    mail.text = mail.text.replace(html.OLD_BELOW, "")
    mail.attachments = content.files


def _unflowed(text: str, *, delete_space: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next one of the same depth."""
    out: list[str] = []
    depth_before, open_line = 0, False
    for line in text.replace("\r\n", "\n").split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        signature = rest == "-- "
        if open_line and depth == depth_before and not signature:
            out[-1] += rest
        else:
            out.append(">" * depth + (" " if depth else "") + rest)
        open_line = rest.endswith(" ") and not signature
        if open_line and delete_space:
            out[-1] = out[-1][:-1]
        depth_before = depth
    return "\n".join(out)
