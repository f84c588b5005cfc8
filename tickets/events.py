"""What this app announces; sent after commit (crm.events.announce)."""

from django.dispatch import Signal

mail_stored = Signal()  # mail_id: an inbound mail waits to be filed
outbox_filled = Signal()  # outbound mails wait to be sent; the first one in `seconds`
