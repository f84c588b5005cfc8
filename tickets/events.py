"""What this app announces; sent with `mail_id` only, after commit (crm.events.announce)."""

from django.dispatch import Signal

mail_stored = Signal()  # an inbound mail waits to be filed
outbox_filled = Signal()  # an outbound mail waits to be sent
