"""Mail's pages in the console."""

from tickets.admin import mail, mailbox

__all__ = ["mail", "mailbox"]
