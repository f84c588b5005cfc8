"""Mail's pages in the console."""

from tickets.admin import mail, mailbox, template

__all__ = ["mail", "mailbox", "template"]
