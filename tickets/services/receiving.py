"""Every mail in, once, on the right request.

`store` keeps the raw bytes and commits before anything can fail: from then on the mail is ours.
`file_many` reads and files a batch in one transaction (tickets/services/filing.py); when anything
in it fails, its halves are tried, down to the mail that fails alone, which goes to the quarantine
with its error. A mail whose process died is found by the sweep."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet

from crm import clock, events
from crm.services import rows
from tickets.events import mail_stored
from tickets.mail import store as sources
from tickets.models import Mail
from tickets.services import filing, reasons
from tickets.services.knowledge import Letter

log = logging.getLogger(__name__)

State = Mail.State
TRIES = 5  # then a mail that kills its process is set aside
RACES = 3  # another process made the same customer, or filed the same mail
BATCH = 200
GRACE = timedelta(seconds=20)  # before the sweep takes what somebody may be filing


def receive(raw: bytes, envelope_to: list[str] | None = None) -> Mail:
    """Store and file in one go."""
    mail = store(raw, envelope_to)
    return file(mail.pk) or mail


@transaction.atomic
def store(raw: bytes, envelope_to: list[str] | None = None) -> Mail:
    """Keep the bytes and a row that says so. When this is committed, nothing can be lost."""
    mail = _rows([raw], envelope_to, attempts=0)[0]
    events.announce(mail_stored, mail_id=mail.pk)
    return mail


@transaction.atomic
def store_many(raws: Sequence[bytes], envelope_to: Sequence[str] | None = None) -> list[Mail]:
    """As `store`, for mails that came together, in their order. The caller files them at once
    with `file_new`: that first try is counted here already."""
    return _rows(raws, envelope_to, attempts=1)


def _rows(raws: Sequence[bytes], envelope_to: Sequence[str] | None, attempts: int) -> list[Mail]:
    now = clock.now()
    mails = [
        Mail(
            direction=Mail.Direction.IN,
            state=State.RECEIVED,
            source=sources.put(raw),
            size=len(raw),
            envelope_to=list(envelope_to or [])[:100],
            attempts=attempts,
            created_at=now,
        )
        for raw in raws
    ]
    rows.insert(mails)
    return mails


def file_new(stored: Sequence[tuple[Mail, bytes]]) -> list[Mail]:
    """As `file_many`, for what `store_many` has stored a moment ago: neither row nor source is
    read again unless something fails."""
    filed = _file_together(lambda: _still_ours(stored))
    return _file_in_halves([mail.pk for mail, _raw in stored]) if filed is None else filed


def file(mail_id: int) -> Mail | None:
    """Read a stored mail and put it where it belongs. None when it is already done, or somebody
    is at it. Raises OperationalError when the database is away: the mail waits."""
    return next(iter(file_many([mail_id])), None)


def file_many(keys: Iterable[int]) -> list[Mail]:
    """The mails that were ours to file, in their order. Those that were tried before, and did not
    come through, go alone: one of them may be what ends its process."""
    keys = list(keys)
    waiting = Mail.objects.filter(pk__in=keys, state=State.RECEIVED)
    waiting.update(attempts=F("attempts") + 1)
    tried = dict(waiting.order_by("pk").values_list("pk", "attempts"))
    fresh = [key for key, attempts in tried.items() if attempts == 1]
    again = [key for key, attempts in tried.items() if attempts > 1]
    return _file_in_halves(fresh) + [mail for key in again if (mail := _file_alone(key))]


def _file_in_halves(keys: Sequence[int]) -> list[Mail]:
    """In their order; one that fails costs its neighbours some more transactions, no more."""
    if len(keys) < 2:
        return [mail for key in keys if (mail := _file_alone(key))]
    filed = _file_together(lambda: map(filing.read, _to_lock(keys)))
    if filed is not None:
        return filed
    half = len(keys) // 2
    return _file_in_halves(keys[:half]) + _file_in_halves(keys[half:])


def _to_lock(keys: Sequence[int]) -> QuerySet[Mail]:
    unclaimed = Mail.objects.select_for_update(skip_locked=True, of=("self",))
    return unclaimed.filter(pk__in=keys, state=State.RECEIVED).order_by("pk")


def _still_ours(stored: Sequence[tuple[Mail, bytes]]) -> list[Letter]:
    """What nobody else has begun to file, locked."""
    keys = _to_lock([mail.pk for mail, _raw in stored]).values_list("pk", flat=True)
    ours = set(keys)
    return [filing.read(mail, raw) for mail, raw in stored if mail.pk in ours]


def _file_together(read: Callable[[], Iterable[Letter]]) -> list[Mail] | None:
    """None when something in the batch failed, and nothing has happened."""
    try:
        with transaction.atomic():
            letters = list(read())
            filing.file_all(letters)
            return [letter.mail for letter in letters]
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # which mail it was, the halves will tell
        log.info("a batch of mails goes in halves: %s", type(error).__name__)
        return None


@transaction.atomic
def _file_alone(key: int) -> Mail | None:
    mail = _to_lock([key]).first()
    if mail is None:
        return None
    if mail.attempts > TRIES:
        return quarantine(mail, "its reading ended the process several times")
    try:
        _file_or_race(mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # whatever it is, the next mail must come in
        log.exception("mail %s goes to the quarantine", key)
        return quarantine(mail, f"{type(error).__name__}: {error}")
    return mail


def _file_or_race(mail: Mail) -> None:
    for left in reversed(range(RACES)):
        try:
            with transaction.atomic():
                filing.file_all([filing.read(mail)])
        except IntegrityError:
            if not left:
                raise
            mail.refresh_from_db()
        else:
            return


def quarantine(mail: Mail, error: str) -> Mail:
    """Out of the way, with its error; somebody may look at it and try again."""
    Mail.objects.filter(pk=mail.pk).update(
        state=State.QUARANTINED, error=error.replace("\x00", "")[:2000]
    )
    mail.refresh_from_db()
    return mail


def retry(mail: Mail) -> bool:
    """Take a mail out of the quarantine and try again. False when it is not there any more, or is
    a head alone (`fetching.fetch_whole`)."""
    moved = (
        Mail.objects.quarantined()
        .filter(pk=mail.pk)
        .exclude(error__startswith=reasons.TOO_LARGE)
        .update(state=State.RECEIVED, attempts=0, error="", stored_at=clock.wall())
    )
    if moved:
        file(mail.pk)
    return bool(moved)


def sweep(before: datetime | None = None) -> int:
    """File what was stored by a process that died before it read it."""
    waiting = Mail.objects.to_file(before or clock.wall() - GRACE).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:1_000])
    batches = [keys[at : at + BATCH] for at in range(0, len(keys), BATCH)]
    return sum(len(file_many(batch)) for batch in batches)
