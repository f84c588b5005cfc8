"""A batch of stored mails onto their requests: decided in memory, written in one transaction.

`knowledge` asks the database once; each mail then gets its verdict and its place in the order of
arrival, so that a mail finds the parent, the copy or the early answer that came in with it; and
everything is written in a few statements. Whatever fails, fails the batch: `receiving` goes on
with its halves."""

import hashlib
import re
from collections.abc import Sequence

from django.db import transaction

from crm.models import Interaction, Message, Participant, Status
from crm.services import customers, identifying, interactions, rows
from crm.services.posting import several
from crm.text import mask_cards
from tickets.mail import filters, html, tokens
from tickets.mail import store as sources
from tickets.mail.parse import ParsedMail, parse
from tickets.models import Mail, SenderRule, Ticket
from tickets.services import acknowledging, files, languages, mail_rules, threads, tracking
from tickets.services.knowledge import Knowledge, Letter, Place, gather

State = Mail.State
_PREFIX = re.compile(
    r"^(?:\s*(?:re|r[ée]f?|tr|fwd?|aw|wg|sv|vs|antw|rif|i|odp)\s*(?:\[\d+\])?\s*[:：])+\s*",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"^(?:no|do|ne)[-_.]?(?:not[-_.]?|pas[-_.]?)?(?:reply|repondre|answer)")
BY_HAND = "let in by hand"
_WRITTEN = (
    "state", "message", "interaction", "mailbox", "header_id", "in_reply_to", "references",
    "from_email", "from_name", "reply_to", "to", "cc", "subject", "text", "html", "content_key",
    "verdict", "why", "authentication", "error",
)  # fmt: skip


def read(mail: Mail, raw: bytes | None = None) -> Letter:
    """From its bytes: those at hand, or those stored; no database."""
    raw = sources.get(mail.source) if raw is None else raw
    parsed = parse(raw)
    key = parsed.content_key() or hashlib.sha256(raw).hexdigest()
    _mask(parsed)
    return Letter(mail, parsed, key)


def _mask(parsed: ParsedMail) -> None:
    """Card numbers stay in the stored bytes alone: nobody reads them on a screen."""
    parsed.subject = mask_cards(parsed.subject)
    parsed.text, parsed.html = mask_cards(parsed.text), html.mask_cards(parsed.html)
    parsed.reply_text = mask_cards(parsed.reply_text)


@transaction.atomic
def file_all(letters: Sequence[Letter]) -> None:
    """Place and write them; what cannot be filed as it is goes to the quarantine with its reason.

    Whatever else goes wrong is raised, and then nothing has happened."""
    known = gather(letters)
    decide(letters, known)
    _write(letters)
    acknowledging.acknowledge_all([letter for letter in letters if letter.opens], known)


def decide(letters: Sequence[Letter], known: Knowledge) -> None:
    """In the order of their arrival, in memory: nothing is written."""
    for letter in letters:
        _note_head(letter, known)
        if letter.key in known.copies:
            letter.mail.state = State.DUPLICATE
            continue
        known.copies.add(letter.key)
        letter.mail.content_key = letter.key
        _judge(letter, known)
        _find_place(letter, known)
        known.remember(letter)


def _note_head(letter: Letter, known: Knowledge) -> None:
    mail, parsed = letter.mail, letter.parsed
    if mail.why == BY_HAND:
        parsed.verdict, parsed.why = filters.ACCEPT, BY_HAND
    mail.header_id = parsed.message_id
    mail.in_reply_to = letter.awaits
    mail.references = parsed.references
    mail.from_email, mail.from_name = parsed.from_email, parsed.from_name[:200]
    mail.reply_to = parsed.reply_to if parsed.reply_to != parsed.from_email else ""
    mail.to, mail.cc, mail.subject = parsed.to[:100], parsed.cc[:100], parsed.subject
    mail.text, mail.html = parsed.text, parsed.html
    mail.verdict, mail.why = parsed.verdict, parsed.why[:60]
    mail.mailbox = next(filter(None, map(known.box, letter.recipients)), None)
    server = mail.mailbox.receiving_server if mail.mailbox else ""
    mail.authentication = parsed.authentication.get(server.lower(), {}) if server else {}
    letter.trusted = mail.authentication.get("dmarc") == "pass"


# --- the verdict ----------------------------------------------------------------------------


def _judge(letter: Letter, known: Knowledge) -> None:
    """What the database knows and the bytes do not tell."""
    mail, parsed = letter.mail, letter.parsed
    takes_lists = mail.mailbox is not None and mail.mailbox.takes_lists
    if parsed.verdict == filters.AUTO and parsed.why == "list" and takes_lists:
        parsed.verdict = filters.ACCEPT
    if parsed.verdict == filters.ACCEPT:
        _raise_verdict(letter, known)
    mail.verdict, mail.why = parsed.verdict, parsed.why[:60]
    if parsed.verdict == filters.REFUSE:
        _reject(letter, parsed.why)


def _reject(letter: Letter, why: str) -> None:
    letter.mail.state, letter.mail.error = State.QUARANTINED, why[:2000]
    letter.mail.content_key = None  # tried again, it is no copy of itself


def _raise_verdict(letter: Letter, known: Knowledge) -> None:
    parsed = letter.parsed
    rule = known.rule(parsed.from_email)
    blocked = rule is not None and rule.action == SenderRule.Action.BLOCK
    if tokens.is_ours(parsed.message_id) or known.box(parsed.from_email):
        parsed.verdict, parsed.why = filters.LOOP, "from an address of ours"
    elif blocked and parsed.why != BY_HAND:
        parsed.verdict, parsed.why = filters.SPAM, "sender list"
    elif parsed.spam and rule is None and parsed.why != BY_HAND:
        parsed.verdict, parsed.why = filters.SPAM, parsed.spam
    elif letter.parsed.from_email in known.agents:
        letter.colleague = known.agents[parsed.from_email]


# --- the place ------------------------------------------------------------------------------


def _find_place(letter: Letter, known: Knowledge) -> None:
    """Only what a person wrote opens something; a robot's mail is put where it belongs or aside."""
    verdict = letter.parsed.verdict
    if verdict in {filters.LOOP, filters.SPAM, filters.REFUSE}:
        return
    letter.place = threads.find(letter, known)
    if verdict == filters.ACCEPT and _is_shut_out(letter, known):
        letter.place = None
        letter.mail.why = "blocked customer"
    elif verdict == filters.BOUNCE:
        _find_report(letter, known)
    elif verdict == filters.ACCEPT and letter.place is None:
        _open_place(letter)
    elif verdict == filters.ACCEPT and letter.place is not None:
        letter.stranger = threads.is_stranger(letter, letter.place, known)


def _is_shut_out(letter: Letter, known: Knowledge) -> bool:
    """A blocked customer goes on in what is open, and opens nothing but what is let in by hand."""
    if letter.parsed.why == BY_HAND:
        return False
    there = letter.place.interaction if letter.place else None
    goes_on = there is not None and there.status != Status.CLOSED
    return letter.parsed.from_email in known.blocked and not goes_on


def _open_place(letter: Letter) -> None:
    letter.rule = mail_rules.fitting(letter)
    if letter.rule is not None and letter.rule.sets_aside and letter.parsed.why != BY_HAND:
        letter.mail.why = f"rule: {letter.rule}"[:60]
        return
    try:
        letter.owner = _owner(letter)
    except customers.BadIdentity as error:
        _reject(letter, f"not an address: {error}")
        return
    letter.place = Place(opener=letter.parsed.from_email)
    letter.opens = True


def _owner(letter: Letter) -> identifying.Sender:
    """Whose request it is: the sender's; of a web form that writes from a no-reply address, whom
    it names beside it; of a mail that a colleague forwards, who wrote it first."""
    parsed = letter.parsed
    address, name, verified = parsed.from_email, parsed.from_name, "mail"
    if parsed.reply_to and _NO_REPLY.match(parsed.from_email):
        address, verified = parsed.reply_to, ""
    elif letter.colleague is not None and letter.trusted and parsed.forwarded_from:
        (name, address), verified = parsed.forwarded_from, ""
    default = letter.mail.mailbox.language if letter.mail.mailbox else "fr"
    value = customers.normalise("mail", address)
    return identifying.Sender(value, name, verified, languages.guess(parsed.reply_text, default))


def _find_report(letter: Letter, known: Knowledge) -> None:
    about = (known.sent[each] for each in letter.parents if each in known.sent)
    letter.sent = next(about, None)
    if letter.sent is not None:
        letter.place = known.place(letter.sent.interaction_id) or letter.place


# --- writing --------------------------------------------------------------------------------


def _write(letters: Sequence[Letter]) -> None:
    _open_places([letter for letter in letters if letter.opens])
    placed = [letter for letter in letters if letter.place is not None]
    for letter in letters:
        if letter.place is None and letter.mail.state == State.RECEIVED:
            letter.mail.state = State.SET_ASIDE
    _join([letter for letter in placed if letter.stranger and letter.colleague is None])
    said = several.post_all([_said(letter) for letter in placed])
    for letter, message in zip(placed, said, strict=True):
        letter.mail.message, letter.mail.interaction = message, message.interaction
        letter.mail.state = State.FILED
    files.keep(
        (message, letter.parsed)
        for letter, message in zip(placed, said, strict=True)
        if letter.parsed.verdict == filters.ACCEPT
    )
    tracking.came_back([letter for letter in letters if letter.sent is not None])
    rows.update([letter.mail for letter in letters], _WRITTEN)


def _open_places(letters: Sequence[Letter]) -> None:
    """Customers, interactions and tickets of the mails that begin something."""
    owners = [letter.owner for letter in letters if letter.owner is not None]
    found = identifying.identify_all(owners, source="mail")
    opened = interactions.open_many(
        "mail",
        [
            interactions.Request(
                customer=found[owner.address],
                subject=letter.rule.subject if letter.rule else None,
                queue=mail_rules.queue(letter),
                title=_title(letter.parsed),
                language=owner.language,
                at=letter.mail.created_at,
            )
            for letter, owner in zip(letters, owners, strict=True)
        ],
        origin=Interaction.Origin.MAIL,
    )
    for letter, interaction in zip(letters, opened, strict=True):
        if letter.place is not None:
            letter.place.interaction = interaction
    rows.insert(
        [
            Ticket(interaction=interaction, mailbox=letter.mail.mailbox)
            for letter, interaction in zip(letters, opened, strict=True)
        ]
    )


def _title(parsed: ParsedMail) -> str:
    return _PREFIX.sub("", parsed.subject) or parsed.reply_text.strip().partition("\n")[0]


def _join(letters: Sequence[Letter]) -> None:
    """A stranger on a known thread is attached and marked; the customer stays who it is."""
    Participant.objects.bulk_create(
        [
            Participant(
                interaction=letter.interaction,
                address=letter.parsed.from_email[:254],
                role=Participant.Role.STRANGER,
                joined_at=letter.mail.created_at,
            )
            for letter in letters
        ],
        ignore_conflicts=True,
    )


def _said(letter: Letter) -> several.Said:
    body = {"mail": letter.mail.pk, "from": letter.parsed.from_email}
    said = several.Said(
        letter.interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.NOTE,
        text=letter.parsed.reply_text or letter.parsed.subject,
        client_id=letter.key,
        at=letter.mail.created_at,
        body=body,
        to_customer=False,
    )
    verdict = letter.parsed.verdict
    if verdict == filters.BOUNCE:
        said.kind, said.text, said.body = Message.Kind.EVENT, "", tracking.report(letter)
    elif verdict == filters.AUTO:
        body["auto"] = letter.parsed.why
    elif letter.colleague is not None and not letter.opens:
        _said_by_colleague(letter, said)
    else:
        _said_by_customer(letter, said)
    return said


def _said_by_customer(letter: Letter, said: several.Said) -> None:
    said.author, said.kind = Message.Author.CUSTOMER, Message.Kind.TEXT
    said.to_customer = not letter.stranger
    _tell_mail(letter, said)
    if letter.stranger:
        said.body["stranger"] = True


def _said_by_colleague(letter: Letter, said: several.Said) -> None:
    """An answer from a colleague's own mail program. It reached the customer if it was sent to
    them; whatever else, and what anybody may have forged, is a note to the team."""
    _tell_mail(letter, said)
    said.body["own_program"] = True
    said.agent, said.author = letter.colleague, Message.Author.AGENT
    reached = {*letter.parsed.to, *letter.parsed.cc} & _addresses(letter.interaction)
    if letter.trusted and reached:
        said.kind, said.to_customer = Message.Kind.TEXT, True
    else:
        said.body["unproven"] = not letter.trusted


def _addresses(interaction: Interaction) -> set[str]:
    identities = interaction.customer.identities.filter(kind="mail")
    return set(identities.values_list("value", flat=True))


def _tell_mail(letter: Letter, said: several.Said) -> None:
    parsed = letter.parsed
    said.body |= {
        "name": parsed.from_name[:200],
        "subject": parsed.subject,
        "folded": parsed.reply_text.strip() != parsed.text.strip(),
        "html": bool(parsed.html),
        "files": files.count(parsed),
    }
