"""What a mail would become: it is judged and placed as a real one, and nothing is kept."""

from dataclasses import dataclass
from email.message import EmailMessage

from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock
from tickets.mail import filters
from tickets.mail.parse import parse
from tickets.models import Mail, Mailbox, MailRule
from tickets.services import acknowledging, filing, knowledge, mail_rules, reasons
from tickets.services.knowledge import Knowledge, Letter

State = Mail.State


@dataclass(frozen=True, slots=True)
class Trial:
    """`fits`: each of the mailbox's rules in their order, and whether it fits. `says`: what would
    happen, in words."""

    sender: str
    title: str
    fits: list[tuple[MailRule, bool]]
    says: list[str]


def written(sender: str, title: str, text: str) -> bytes:
    """A mail of these words; a text that has a head of its own is the mail."""
    raw = text.replace("\r\n", "\n").encode("utf-8", "replace")
    if parse(raw).from_email:
        return raw
    mail = EmailMessage()
    mail["From"], mail["Subject"] = sender, " ".join(title.split())
    mail.set_content(text)
    return mail.as_bytes()


@transaction.atomic
def run(mailbox: Mailbox, raw: bytes, draft: MailRule | None = None) -> Trial:
    """This mail, come to this mailbox just now; with one more rule, not saved yet."""
    if draft is not None:
        draft.mailbox = mailbox
        draft.save()
    mail = Mail(
        direction=Mail.Direction.IN,
        state=State.RECEIVED,
        envelope_to=[mailbox.address],
        created_at=clock.now(),
    )
    letter = filing.read(mail, raw)
    known = knowledge.gather([letter])
    known.copies.clear()  # a mail that came once is tried as if it were new
    filing.decide([letter], known)
    fitting = list(mail_rules.fits(letter))
    rules = mail.mailbox.rules.all() if mail.mailbox else []
    fits = [(rule, rule in fitting) for rule in rules]
    says = [*_where(letter), *_answer(letter, known)]
    transaction.set_rollback(True)
    return Trial(mail.from_email, mail.subject, fits, says)


def _where(letter: Letter) -> list[str]:
    mail, place, verdict = letter.mail, letter.place, letter.parsed.verdict
    if mail.state == State.QUARANTINED:
        return [_("It goes to the quarantine."), reasons.words(mail.error)]
    if letter.opens:
        return _opened(letter)
    told = {"there": place.interaction.reference if place and place.interaction else ""}
    if told["there"] and verdict == filters.ACCEPT:
        return [_("It goes on in request %(there)s; rules are for new requests.") % told]
    why = [] if verdict == filters.ACCEPT else [reasons.verdict(verdict).capitalize() + "."]
    why += [reasons.why(mail.why)] if mail.why else []
    if told["there"]:
        return [_("It is noted in request %(there)s, and alerts nobody.") % told, *why]
    return [_("It opens no request: it is set aside."), *why]


def _opened(letter: Letter) -> list[str]:
    queue, rule = mail_rules.queue(letter), letter.rule
    told = {"queue": str(queue), "rule": str(rule), "subject": str(rule.subject if rule else "")}
    said = (
        _("It opens a request in the queue “%(queue)s”.")
        if queue
        else _("It opens a request; no queue is named for it.")
    )
    says = [said % told]
    if rule is not None and rule.subject is not None:
        says.append(_("Its subject is “%(subject)s”.") % told)
    if rule is not None:
        says.append(_("So says the rule “%(rule)s”, the first that fits.") % told)
    return says


def _answer(letter: Letter, known: Knowledge) -> list[str]:
    if not letter.opens:
        return []
    address = acknowledging.address_of(letter)
    if letter.rule is not None and letter.rule.is_quiet:
        return [_("It is not acknowledged: so says the rule.")]
    if acknowledging.is_enough(address, known):
        return [_("It is not acknowledged: %(address)s had enough today.") % {"address": address}]
    return [_("%(address)s gets an acknowledgement.") % {"address": address}]
