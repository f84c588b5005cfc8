"""Mail's nouns. Import from here: `from tickets.models import Mail`."""

from .imap import ImapAccount
from .mail import Mail, Quarantine
from .mailbox import Mailbox
from .sender import SenderRule
from .ticket import Ticket

__all__ = ["ImapAccount", "Mail", "Mailbox", "Quarantine", "SenderRule", "Ticket"]
