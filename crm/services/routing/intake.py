"""Whether a line takes one more who would have to wait: not beyond its length, and not more than
can be served before closing. Who can be served at once is not asked; mail is never refused."""

from datetime import datetime
from enum import StrEnum

from crm.models import Interaction, Queue, Schedule, Status

from . import lines, waits


class Refusal(StrEnum):
    """Why a line takes no more."""

    NONE = ""
    LENGTH = "length"  # as many wait as the queue allows
    CLOSING = "closing"  # more could not be served before closing, at the present pace


def refusal(queue: Queue, hours: Schedule, at: datetime) -> Refusal:
    """`hours`: those of the customer's subject, which may be longer than the queue's."""
    waiting = lines.line(queue.pk).count()
    if queue.max_waiting is not None and waiting >= queue.max_waiting:
        return Refusal.LENGTH
    left = room_before_closing(queue, hours, at, waiting=waiting)
    return Refusal.CLOSING if left is not None and left <= 0 else Refusal.NONE


def room_before_closing(
    queue: Queue, hours: Schedule, at: datetime, *, waiting: int | None = None
) -> int | None:
    """How many more can be promised for before closing: what the present pace still serves, less
    who waits and whose call is due until then. None: no end in sight, or no pace to go by."""
    per_hour = waits.pace(queue.pk, at).per_hour
    room = hours.calendar.room_before_closing(at, per_hour) if per_hour else None
    if room is None:
        return None
    closes = hours.closes_at(at)
    promised = Interaction.objects.filter(
        queue=queue,
        status=Status.PENDING,
        agent=None,
        channel__in=lines.pushed_channels(),
        wake_at__lt=closes,
    )
    standing = lines.line(queue.pk).count() if waiting is None else waiting
    return room - standing - promised.count()


def one_by_one(queue: Queue | None) -> bool:
    """Until the commit, newcomers to a line with a limit come one after the other; False when it
    has none."""
    if queue is None or queue.max_waiting is None:
        return False
    Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    return True
