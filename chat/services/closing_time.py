"""Closing time. Who waits is served while somebody of the queue is here; then nobody waits in vain
and nothing is lost: they are told, are offered a call or a mail with what they wrote, and the chat
itself waits for the opening."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from chat.services import buttons
from crm import clock
from crm.models import Interaction, Message, Schedule, Status
from crm.services import availability, interactions, posting

_AT_ONCE = 500
_CARD = "closed_today"


def sweep(at: datetime | None = None) -> int:
    """Set aside what waits although it is closed and nobody is at work, in its order, spread over
    the first two hours after the opening."""
    at = at or clock.now()
    waiting = Interaction.objects.waiting().filter(chat__isnull=False).with_hours().in_line()
    groups: dict[tuple[int, datetime], list[int]] = defaultdict(list)
    calendars: dict[int, Schedule] = {}
    at_work: dict[tuple[int, str], bool] = {}
    for row in waiting[:_AT_ONCE]:
        hours, queue = row.hours(), row.queue
        opening = hours.next_opening(at) if hours else None
        if hours is None or queue is None or opening is None or opening <= at:
            continue
        key = queue.pk, row.language
        if key not in at_work:
            at_work[key] = availability.somebody_at_work(queue, row.language)
        if not at_work[key]:
            calendars[hours.pk] = hours
            groups[hours.pk, opening].append(row.pk)
    count = 0
    for (hours_id, opening), keys in groups.items():
        hours = calendars[hours_id]
        moments = hours.calendar.morning(opening, len(keys))
        for pk, until in zip(keys, moments, strict=True):
            count += _set_aside(pk, until, opening, at, hours)
    return count


@transaction.atomic
def _set_aside(key: int, until: datetime, opening: datetime, at: datetime, hours: Schedule) -> bool:
    row = (
        Interaction.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=key, status=Status.WAITING)
        .first()
    )
    if row is None:
        return False
    if not _told(row, at):
        _tell(row, opening, at, hours)
    interactions.snooze(row, by=None, until=until)
    return True


def _told(row: Interaction, at: datetime) -> bool:
    """Tonight already: they have written another line since."""
    cards = row.messages.filter(kind=Message.Kind.CARD, created_at__gt=at - timedelta(hours=12))
    return cards.filter(body__card=_CARD).exists()


def _tell(row: Interaction, opening: datetime, at: datetime, hours: Schedule) -> None:
    with translation.override(row.language):
        when = buttons.opening_in_words(opening, at, hours.time_zone, row.language)
        posting.post(
            row,
            author=Message.Author.SYSTEM,
            kind=Message.Kind.CARD,
            text=_(
                "We have closed, and nobody could answer you in time: we are sorry. Your message "
                "is kept, and an adviser takes it up %(when)s. You need not wait here: we can "
                "also call you or answer by email, with what you have written."
            )
            % {"when": when},
            body={"card": _CARD, "ways": buttons.instead(row)},
            at=at,
        )
