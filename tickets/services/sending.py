"""Every mail out, once: claim, send, record.

A row is claimed by one conditional UPDATE (queued → in flight), so that of ten senders one sends.
A sender that dies in between leaves it in flight; the sweep gives it back, and the copy that may
then exist twice carries the same Message-ID and is marked."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from crm import clock, events
from crm.models import Message
from crm.services import posting
from tickets.events import outbox_filled
from tickets.mail import send as wire
from tickets.models import Mail
from tickets.services import outbox, pace, pieces, rendering, tracking

log = logging.getLogger(__name__)

State = Mail.State
STUCK = timedelta(minutes=10)  # twice a task's time limit
# after the n-th failed try, in seconds
DELAYS = {
    "away": [15, 30, 60, 120, 300, 600, 1800, 3600, 3600, 7200, 14400, 28800, 43200],
    "later": [120, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200],
}


def send(mail_id: int) -> str | None:
    """Send a waiting mail. Its new state, or None when it was not ours to send, or not now."""
    now = clock.wall()
    claimed = Mail.objects.filter(pk=mail_id, state__in=Mail.WAITING, next_try_at__lte=now).update(
        state=State.IN_FLIGHT, claimed_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    mail = Mail.objects.select_related("mailbox", "message").get(pk=mail_id)
    if (later := pace.wait(mail, now)) is not None:
        _put_off(mail, later)
        return None
    return _record(mail, _hand_over(mail))


def _put_off(mail: Mail, until: datetime) -> None:
    """Its mailbox has sent enough in this minute: no try, and nobody's fault."""
    Mail.objects.filter(pk=mail.pk, state=State.IN_FLIGHT, claimed_at=mail.claimed_at).update(
        state=State.RETRY if mail.attempts > 1 else State.QUEUED,
        claimed_at=None,
        next_try_at=until,
        attempts=F("attempts") - 1,
    )


def _hand_over(mail: Mail) -> wire.Result:
    try:
        mail.html = rendering.dressed(mail)
        return wire.send(mail, pieces.of(mail))
    except pieces.Unchecked:
        return wire.Result("away", "the virus scanner has not answered")
    except Exception as error:  # a row that cannot be made into a mail must not be tried for ever
        log.exception("mail %s cannot be composed", mail.pk)
        return wire.Result("never", f"{type(error).__name__}: {error}")


@transaction.atomic
def _record(mail: Mail, result: wire.Result) -> str:
    tracking.locked(mail)
    mine = Mail.objects.filter(pk=mail.pk, state=State.IN_FLIGHT, claimed_at=mail.claimed_at)
    changed: dict[str, Any]
    if result.kind == "sent":
        state, changed = State.SENT, {"sent_at": clock.now(), "provider_id": result.provider_id}
    elif mail.attempts > len(delays := DELAYS.get(result.kind, [])):
        state, changed = State.FAILED, {}
    else:
        wait = timedelta(seconds=delays[mail.attempts - 1])
        state, changed = State.RETRY, {"next_try_at": clock.wall() + wait}
    if mine.update(state=state, claimed_at=None, error=result.error, **changed):
        tracking.show(mail)
        if state == State.FAILED:
            _show_failure(mail, result.error)
    return state


def _show_failure(mail: Mail, error: str) -> None:
    """Visible where the agent works, not only in a list of mails."""
    if mail.interaction is None:
        log.warning("mail %s failed: %s", mail.pk, error)
        return
    posting.post(
        mail.interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        to_customer=False,
        client_id=f"mail-failed:{mail.pk}:{mail.attempts}",
        body={
            "event": "mail_failed",
            "mail": mail.pk,
            "address": ", ".join(mail.to),
            "error": error[:300],
        },
    )


@transaction.atomic
def retry(mail: Mail) -> bool:
    """A person wants it tried again, now; whoever has got an address since gets it there. False
    when it is not given up."""
    tracking.locked(mail)
    if not mail.to and mail.interaction and (address := outbox.answer_address(mail.interaction)):
        Mail.objects.filter(pk=mail.pk, to=[]).update(to=[address])
    moved = (
        Mail.objects.outbound()
        .filter(pk=mail.pk, state__in=[State.FAILED, State.BOUNCED, State.RETRY])
        .exclude(to=[])
        .update(state=State.QUEUED, attempts=0, next_try_at=clock.wall(), error="")
    )
    if moved:
        tracking.show(mail)
        events.announce(outbox_filled)
    return bool(moved)


def free_stuck() -> int:
    """Give back what a dead sender had claimed. The next server may have it already."""
    now = clock.wall()
    return Mail.objects.stuck(now - STUCK).update(
        state=State.RETRY,
        claimed_at=None,
        next_try_at=now,
        maybe_twice=True,
        error="the sender died while sending",
    )


def drain(limit: int = 100) -> int:
    """Send what is due, oldest first."""
    due = Mail.objects.due(clock.wall()).order_by("next_try_at").values_list("pk", flat=True)
    return sum(send(key) is not None for key in list(due[:limit]))


def sweep() -> int:
    """Free what got stuck, send what is due and nobody sent."""
    return free_stuck() + drain()
