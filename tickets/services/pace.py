"""How many mails a mailbox may send in a minute, over all senders: counted in its row."""

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When

from tickets.models import Mail, Mailbox

MINUTE = timedelta(minutes=1)


def wait(mail: Mail, now: datetime) -> datetime | None:
    """None when there is room for it, which is taken by one conditional UPDATE; else until when
    there is none."""
    if mail.mailbox is None or mail.mailbox.per_minute is None:
        return None
    minute = now.replace(second=0, microsecond=0)
    room = Q(minute=None) | ~Q(minute=minute) | Q(in_minute__lt=F("per_minute"))
    counted = Case(When(minute=minute, then=F("in_minute") + 1), default=Value(1))
    taken = Mailbox.objects.filter(room, pk=mail.mailbox.pk).update(
        in_minute=counted, minute=minute
    )
    return None if taken else minute + MINUTE
