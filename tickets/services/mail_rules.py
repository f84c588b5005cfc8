"""A mailbox's rules, asked about a mail that would open a request."""

from collections.abc import Iterator

from crm.models import Queue
from crm.text import fold
from tickets.models import MailRule
from tickets.services.knowledge import Letter

_READ = 20_000  # characters of the text that rules look at


def fitting(letter: Letter) -> MailRule | None:
    """The first that fits."""
    return next(fits(letter), None)


def fits(letter: Letter) -> Iterator[MailRule]:
    """All that fit, in their order."""
    rules = letter.mail.mailbox.rules.all() if letter.mail.mailbox else []
    if not rules:
        return
    parsed = letter.parsed
    said: dict[str, str] = {
        MailRule.Where.FROM: fold(f"{parsed.from_name} {parsed.from_email}"),
        MailRule.Where.TO: fold(" ".join(letter.recipients)),
        MailRule.Where.TITLE: fold(parsed.subject),
        MailRule.Where.TEXT: fold(parsed.reply_text[:_READ]),
    }
    yield from (rule for rule in rules if rule.fits(said))


def queue(letter: Letter) -> Queue | None:
    """The rule's, the one its subject leads to, the mailbox's."""
    rule, mailbox = letter.rule, letter.mail.mailbox
    found = rule.queue if rule else None
    if found is None and rule is not None and rule.subject is not None:
        found = rule.subject.queue_at(letter.mail.created_at)
    return found or (mailbox.queue if mailbox else None)
