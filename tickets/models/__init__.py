"""Mail's nouns. Import from here: `from tickets.models import Mail`."""

from .hook import Hook
from .imap import ImapAccount
from .mail import Mail, Quarantine
from .mailbox import Mailbox
from .rule import MailRule
from .sender import SenderRule
from .signing import SigningKey
from .ticket import Ticket

__all__ = [
    "Hook",
    "ImapAccount",
    "Mail",
    "MailRule",
    "Mailbox",
    "Quarantine",
    "SenderRule",
    "SigningKey",
    "Ticket",
]
