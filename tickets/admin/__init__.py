"""Mail's pages in the console."""

from tickets.admin import mail, mailbox, signing, template

__all__ = ["mail", "mailbox", "signing", "template"]
