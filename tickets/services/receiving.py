"""Every mail in, once, on the right request.

`store` keeps the raw bytes and commits before anything can fail: from then on the mail is ours.
`file` reads it and files it, in one transaction per mail; what fails goes to the quarantine with
its error, and a mail whose process died is found by the sweep."""

import hashlib
import logging
import re
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F

from crm import clock, events
from crm.models import Attachment, Customer, Interaction, Message, Participant
from crm.services import customers, interactions, posting
from tickets.events import mail_stored
from tickets.mail import filters, tokens
from tickets.mail import store as sources
from tickets.mail.parse import Attachment as ParsedFile
from tickets.mail.parse import ParsedMail, parse
from tickets.models import Mail, Ticket
from tickets.services import mailboxes, outbox, threads

log = logging.getLogger(__name__)

State = Mail.State
TRIES = 5  # then a mail that kills its process is set aside
FILES_LIMIT = 100
GRACE = timedelta(seconds=20)  # before the sweep takes what somebody may be filing
_PREFIX = re.compile(
    r"^(?:\s*(?:re|r[ée]f?|tr|fwd?|aw|wg|sv|vs|antw|rif|i|odp)\s*(?:\[\d+\])?\s*[:：])+\s*",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"^(?:no|do|ne)[-_.]?(?:not[-_.]?|pas[-_.]?)?(?:reply|repondre|answer)")


class Rejected(Exception):
    """It cannot be filed as it is; the message says why. Goes to the quarantine."""


def receive(raw: bytes, envelope_to: list[str] | None = None) -> Mail:
    """Store and file in one go."""
    mail = store(raw, envelope_to)
    return file(mail.pk) or mail


@transaction.atomic
def store(raw: bytes, envelope_to: list[str] | None = None) -> Mail:
    """Keep the bytes and a row that says so. When this is committed, nothing can be lost."""
    name = sources.put(raw)
    mail = Mail.objects.create(
        direction=Mail.Direction.IN,
        state=State.RECEIVED,
        source=name,
        size=len(raw),
        envelope_to=list(envelope_to or [])[:100],
        created_at=clock.now(),
    )
    events.announce(mail_stored, mail_id=mail.pk)
    return mail


def file(mail_id: int) -> Mail | None:
    """Read a stored mail and put it where it belongs. None when it is already done, or somebody
    is at it. Raises OperationalError when the database is away: the mail waits."""
    counted = Mail.objects.filter(pk=mail_id, state=State.RECEIVED).update(
        attempts=F("attempts") + 1
    )
    return _file_locked(mail_id) if counted else None


@transaction.atomic
def _file_locked(mail_id: int) -> Mail | None:
    mail = (
        Mail.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=mail_id, state=State.RECEIVED)
        .first()
    )
    if mail is None:
        return None
    if mail.attempts > TRIES:
        return _quarantine(mail, "its reading ended the process several times")
    try:
        with transaction.atomic():
            _file(mail)
    except (OperationalError, InterfaceError):
        raise
    except Rejected as error:
        return _quarantine(mail, str(error))
    except Exception as error:  # whatever it is, the next mail must come in
        log.exception("mail %s goes to the quarantine", mail_id)
        return _quarantine(mail, f"{type(error).__name__}: {error}")
    return mail


def _quarantine(mail: Mail, error: str) -> Mail:
    Mail.objects.filter(pk=mail.pk).update(
        state=State.QUARANTINED, error=error.replace("\x00", "")[:2000]
    )
    mail.refresh_from_db()
    return mail


def retry(mail: Mail) -> bool:
    """Take a mail out of the quarantine and try again. False when it is not there any more."""
    moved = (
        Mail.objects.quarantined()
        .filter(pk=mail.pk)
        .update(state=State.RECEIVED, attempts=0, error="", stored_at=clock.wall())
    )
    if moved:
        file(mail.pk)
    return bool(moved)


def sweep(before: datetime | None = None) -> int:
    """File what was stored by a process that died before it read it."""
    waiting = Mail.objects.to_file(before or clock.wall() - GRACE).order_by("pk")
    return sum(file(key) is not None for key in list(waiting.values_list("pk", flat=True)[:200]))


# --- one mail -------------------------------------------------------------------------------


def _file(mail: Mail) -> None:
    raw = sources.get(mail.source)
    parsed = parse(raw)
    _note_head(mail, parsed)
    if not _first_copy(mail, parsed.content_key() or hashlib.sha256(raw).hexdigest()):
        mail.state = State.DUPLICATE
        mail.save()
        return
    _raise_verdict(mail, parsed)
    if parsed.verdict == filters.REFUSE:
        raise Rejected(parsed.why)
    if parsed.verdict == filters.ACCEPT:
        _accept(mail, parsed)
    elif parsed.verdict == filters.AUTO:
        _robot(mail, parsed)
    elif parsed.verdict == filters.BOUNCE:
        _bounce(mail, parsed)
    else:
        mail.state = State.SET_ASIDE
    mail.save()


def _note_head(mail: Mail, parsed: ParsedMail) -> None:
    mail.header_id = parsed.message_id
    mail.in_reply_to = parsed.in_reply_to
    mail.references = parsed.references
    mail.from_email, mail.from_name = parsed.from_email, parsed.from_name[:200]
    mail.reply_to = parsed.reply_to if parsed.reply_to != parsed.from_email else ""
    mail.to, mail.cc, mail.subject = parsed.to[:100], parsed.cc[:100], parsed.subject
    mail.text, mail.html = parsed.text, parsed.html
    mail.verdict, mail.why = parsed.verdict, parsed.why[:60]
    mail.mailbox = mailboxes.of_recipients([*mail.envelope_to, *parsed.to, *parsed.cc])


def _first_copy(mail: Mail, key: str) -> bool:
    """Whether no copy of it was filed before; the database decides between two at once."""
    try:
        with transaction.atomic():
            Mail.objects.filter(pk=mail.pk).update(content_key=key)
    except IntegrityError:
        return False
    mail.content_key = key
    return True


def _raise_verdict(mail: Mail, parsed: ParsedMail) -> None:
    """What the database knows and the bytes do not tell."""
    takes_lists = mail.mailbox is not None and mail.mailbox.takes_lists
    if parsed.verdict == filters.AUTO and parsed.why == "list" and takes_lists:
        parsed.verdict = filters.ACCEPT
    if parsed.verdict == filters.ACCEPT and (
        tokens.is_ours(parsed.message_id) or mailboxes.is_ours(parsed.from_email)
    ):
        parsed.verdict, parsed.why = filters.LOOP, "from an address of ours"
    mail.verdict, mail.why = parsed.verdict, parsed.why[:60]


def _accept(mail: Mail, parsed: ParsedMail) -> None:
    thread = threads.find(parsed, mail.envelope_to)
    if thread is None:
        interaction = _open(mail, parsed)
        stranger = False
    else:
        interaction = Interaction.objects.select_related("customer").get(pk=thread.interaction_id)
        stranger = _take_part(interaction, parsed)
    message = _post(interaction, mail, parsed, stranger=stranger)
    mail.message, mail.interaction, mail.state = message, interaction, State.FILED
    _keep_files(message, parsed)
    if thread is None:
        outbox.acknowledge(interaction, mail.mailbox, mail.from_email)


def _sender(parsed: ParsedMail) -> tuple[str, bool]:
    """Whose request it is: a web form writes from a no-reply address and names them beside it.
    With it, whether the address was the sender's own."""
    if parsed.reply_to and _NO_REPLY.match(parsed.from_email):
        return parsed.reply_to, False
    return parsed.from_email, True


def _open(mail: Mail, parsed: ParsedMail) -> Interaction:
    address, own = _sender(parsed)
    language = guess_language(parsed.reply_text, mail.mailbox.language if mail.mailbox else "fr")
    try:
        customer: Customer = customers.identify(
            "mail",
            address,
            name=parsed.from_name,
            verified_by="mail" if own else "",
            source="mail",
            language=language,
        )
    except customers.BadIdentity as error:
        raise Rejected(f"not an address: {address}") from error
    title = _PREFIX.sub("", parsed.subject) or parsed.reply_text.strip().partition("\n")[0]
    interaction = interactions.open(
        "mail",
        customer,
        queue=mail.mailbox.queue if mail.mailbox else None,
        title=title[:200],
        language=language,
        origin=Interaction.Origin.MAIL,
        at=mail.created_at,
    )
    Ticket.objects.create(interaction=interaction, mailbox=mail.mailbox)
    return interaction


def _take_part(interaction: Interaction, parsed: ParsedMail) -> bool:
    """A stranger on a known thread is attached and marked; the customer stays who it is."""
    address = parsed.from_email[:254]
    if not threads.is_stranger(interaction, address):
        return False
    Participant.objects.get_or_create(
        interaction=interaction,
        address=address,
        defaults={"role": Participant.Role.STRANGER, "joined_at": clock.now()},
    )
    return True


def _post(interaction: Interaction, mail: Mail, parsed: ParsedMail, *, stranger: bool) -> Message:
    body = {
        "mail": mail.pk,
        "from": parsed.from_email,
        "name": parsed.from_name[:200],
        "subject": parsed.subject,
        "folded": parsed.reply_text.strip() != parsed.text.strip(),
        "html": bool(parsed.html),
        "files": sum(not _is_within(file, parsed) for file in parsed.attachments),
    }
    if stranger:
        body["stranger"] = True
    return posting.post(
        interaction,
        author=Message.Author.CUSTOMER,
        text=parsed.reply_text or parsed.subject,
        body=body,
        client_id=mail.content_key,
        to_customer=not stranger,
        at=mail.created_at,
    )


def _is_within(file: ParsedFile, parsed: ParsedMail) -> bool:
    """A picture that the HTML shows: part of the letter, no file of its own."""
    return bool(file.inline_id) and f'src="cid:{file.inline_id}"' in parsed.html


def _keep_files(message: Message, parsed: ParsedMail) -> None:
    for file in parsed.attachments[:FILES_LIMIT]:
        digest = hashlib.sha256(file.bytes).hexdigest()
        row = Attachment(
            message=message,
            name=(file.name or "file")[:200],
            content_type=file.content_type[:100],
            size=file.size,
            sha256=digest,
            inline_id=file.inline_id[:200],
        )
        name = row.file.field.generate_filename(row, digest)
        if not default_storage.exists(name):
            name = default_storage.save(name, ContentFile(file.bytes))
        row.file.name = name
        row.save()


def _robot(mail: Mail, parsed: ParsedMail) -> None:
    """An absence note is a note on its thread: it answers nothing and reopens nothing."""
    thread = threads.find(parsed, mail.envelope_to)
    if thread is None:
        mail.state = State.SET_ASIDE
        return
    interaction = Interaction.objects.get(pk=thread.interaction_id)
    mail.message = posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.NOTE,
        text=parsed.reply_text or parsed.subject,
        client_id=mail.content_key,
        to_customer=False,
        body={"mail": mail.pk, "auto": parsed.why, "from": parsed.from_email},
        at=mail.created_at,
    )
    mail.interaction, mail.state = interaction, State.FILED


def _bounce(mail: Mail, parsed: ParsedMail) -> None:
    """A delivery report marks the mail it is about; it opens nothing and is not answered."""
    sent = threads.bounced(parsed)
    thread = threads.find(parsed, []) if sent is None else None
    interaction_id = sent.interaction_id if sent else thread.interaction_id if thread else None
    if sent is not None and not parsed.delayed:
        Mail.objects.filter(pk=sent.pk).update(
            state=State.BOUNCED, error=", ".join(parsed.failed)[:500] or parsed.subject
        )
    if interaction_id is None:
        mail.state = State.SET_ASIDE
        return
    interaction = Interaction.objects.get(pk=interaction_id)
    mail.message = posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        to_customer=False,
        client_id=mail.content_key,
        at=mail.created_at,
        body={
            "event": "mail_delayed" if parsed.delayed else "mail_bounced",
            "address": ", ".join(parsed.failed[:3] or (sent.to[:1] if sent else [])),
            "mail": sent.pk if sent else mail.pk,
        },
    )
    mail.interaction, mail.state = interaction, State.FILED


_FRENCH = re.compile(
    r"\b(?:je|vous|bonjour|merci|le|la|les|une|pas|est|mon|ma|ne|et|depuis)\b", re.I
)
_ENGLISH = re.compile(r"\b(?:the|you|hello|thanks|is|my|and|not|have|i|please|since|dear)\b", re.I)


def guess_language(text: str, default: str) -> str:
    """French or English by their small words; the mailbox's own language when they say nothing."""
    text = text[:3000]
    french, english = len(_FRENCH.findall(text)), len(_ENGLISH.findall(text))
    if max(french, english) < 2 or french == english:
        return default
    return "fr" if french > english else "en"
