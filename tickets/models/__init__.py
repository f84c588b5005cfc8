"""Mail's nouns. Import from here: `from tickets.models import Mail`."""

from .mail import Mail, Quarantine
from .mailbox import Mailbox
from .ticket import Ticket

__all__ = ["Mail", "Mailbox", "Quarantine", "Ticket"]
