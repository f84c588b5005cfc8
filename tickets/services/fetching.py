"""From an IMAP folder to stored and filed mails, by whoever holds the mailbox's lease.

A batch's rows and the number of its last mail are one transaction that asks for the lease again:
killed anywhere, the next fetcher begins where the rows end, and one whose lease has gone to
another stores nothing. Flags and moves come after that commit, with a number of their own, so
that those a crash left out are made up for."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock
from tickets.mail import fetch, store
from tickets.mail.parse import parse
from tickets.models import ImapAccount, Mail
from tickets.services import consent, reasons, receiving, sources

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than the longest wait for a server's answer


class LeaseLost(Exception):
    """Another fetcher has the mailbox now."""


def server_of(account: ImapAccount) -> fetch.Server:
    plain = fetch.Server(
        account.host, account.port, account.security, account.username, account.password
    )
    if account.sign == ImapAccount.Sign.PASSWORD:
        return plain
    return fetch.Server(
        account.host,
        account.port,
        account.security,
        account.username,
        token_url=consent.token_url(account),
        token_fields=consent.token_fields(account),
        renewed=partial(consent.keep, account),
    )


def lease(account_id: int, holder: str) -> bool:
    """Take or renew it; False when somebody else has it."""
    now = clock.wall()
    return ImapAccount.objects.filter(pk=account_id).lease(holder, now, now + LEASE)


def give_up(account_id: int, holder: str) -> None:
    ImapAccount.objects.filter(pk=account_id, lease_holder=holder).update(lease_until=None)


def collect(account: ImapAccount, folder: fetch.Folder, holder: str) -> int:
    """Everything that is new in the folder, stored and filed. Raises LeaseLost."""
    _begin(account, folder, holder)
    # what a dead fetcher stored and did not file comes first: it may hold parents of what follows
    receiving.sweep(before=clock.wall())
    _catch_up(account, folder)
    count = 0
    for bodies in folder.bodies(folder.above(account.last_uid)):
        if bodies:
            receiving.file_new(_store(account, bodies, holder))
            _mark(account, folder, [body.uid for body in bodies])
            count += len(bodies)
    ImapAccount.objects.filter(pk=account.pk).update(checked_at=clock.now(), error="")
    return count


def note_trouble(account_id: int, words: str) -> None:
    """For the mailbox's page."""
    ImapAccount.objects.filter(pk=account_id).update(checked_at=clock.now(), error=words[:1000])


def _begin(account: ImapAccount, folder: fetch.Folder, holder: str) -> None:
    """The numbers of another validity say nothing; what was stored is known by its content."""
    if account.uid_validity == folder.validity:
        return
    first_time = account.uid_validity is None
    start = folder.next_uid - 1 if first_time and not account.takes_old else 0
    account.uid_validity, account.last_uid, account.marked_uid = folder.validity, start, start
    _advance(account, holder)


def _advance(account: ImapAccount, holder: str) -> None:
    now = clock.wall()
    held = ImapAccount.objects.filter(pk=account.pk, lease_holder=holder).update(
        uid_validity=account.uid_validity,
        last_uid=account.last_uid,
        marked_uid=account.marked_uid,
        lease_until=now + LEASE,
    )
    if not held:
        raise LeaseLost(holder)


def _store(
    account: ImapAccount, bodies: Sequence[fetch.Body], holder: str
) -> list[tuple[Mail, bytes]]:
    """The mails to file, with their bytes."""
    with transaction.atomic():
        mails = receiving.store_many([body.raw for body in bodies], [account.mailbox.address])
        _set_aside_large(mails, bodies)
        account.last_uid = bodies[-1].uid
        _advance(account, holder)
    pairs = zip(mails, bodies, strict=True)
    return [(mail, body.raw) for mail, body in pairs if mail.state == Mail.State.RECEIVED]


def _set_aside_large(mails: Sequence[Mail], bodies: Sequence[fetch.Body]) -> None:
    """Over the limit only the head was loaded: people see that it came, from whom, how large."""
    for mail, body in zip(mails, bodies, strict=True):
        if not body.is_whole:
            head = parse(body.raw)
            mail.state = Mail.State.QUARANTINED
            mail.size = body.size
            mail.error = f"{reasons.TOO_LARGE} {fetch.SIZE_LIMIT // 2**20} MB"
            mail.subject, mail.from_email, mail.to = head.subject, head.from_email, head.to[:100]
            mail.save(update_fields=["state", "size", "error", "subject", "from_email", "to"])


class NotFetched(Exception):
    """A large mail stays a head alone; the message is for people."""


def fetch_whole(mail: Mail) -> bool:
    """A mail that was too large, as somebody wants it all the same: found again by its Message-ID,
    wherever it lies now, and filed. False when it left the quarantine meanwhile. Raises NotFetched
    and `fetch.Trouble`."""
    raw = _whole(mail)
    with transaction.atomic():
        moved = (
            Mail.objects.quarantined()
            .filter(pk=mail.pk)
            .update(
                source=store.put(raw),
                size=len(raw),
                state=Mail.State.RECEIVED,
                attempts=0,
                error="",
                stored_at=clock.wall(),
            )
        )
        sources.drop_unused([mail.source])
    if moved:
        receiving.file(mail.pk)
    return bool(moved)


def _whole(mail: Mail) -> bytes:
    boxes = ImapAccount.objects.select_related("mailbox").to_fetch()
    account = boxes.filter(mailbox__address__in=mail.envelope_to).first()
    known = parse(store.get(mail.source)).message_id
    if account is None:
        raise NotFetched(_("Its mailbox is no longer fetched."))
    moved_to = account.move_to if account.after == ImapAccount.After.MOVE else ""
    for name in filter(None, (moved_to, account.folder) if known else ()):
        with fetch.Folder(server_of(account), name) as folder:
            uid, size = folder.size_of(known)
            if size > fetch.BY_HAND_LIMIT:
                most = fetch.BY_HAND_LIMIT // 2**20
                said = _("It is larger than %(most)s MB: ask its sender for a link instead.")
                raise NotFetched(said % {"most": most})
            if uid:
                return folder.whole(uid)
    raise NotFetched(_("It is no longer on the server."))


def _catch_up(account: ImapAccount, folder: fetch.Folder) -> None:
    """Flags and moves of mails that were stored by a fetcher that died before it made them."""
    if account.marked_uid < account.last_uid:
        left = [uid for uid in folder.above(account.marked_uid) if uid <= account.last_uid]
        _mark(account, folder, left)


def _mark(account: ImapAccount, folder: fetch.Folder, uids: Sequence[int]) -> None:
    if account.after == ImapAccount.After.SEEN:
        folder.mark_seen(uids)
    elif account.after == ImapAccount.After.MOVE:
        folder.move(uids, account.move_to)
    account.marked_uid = account.last_uid
    ImapAccount.objects.filter(pk=account.pk).update(marked_uid=account.marked_uid)


def watch(
    account_id: int,
    holder: str,
    *,
    stopping: Callable[[], bool],
    rest: Callable[[], None],
    pause: float,
) -> None:
    """Hold the lease and the folder open, and take what comes, until told to stop. `rest` is
    called before each wait, to hold nothing meanwhile.

    Returns when the lease is another's, the account is out of use or set up differently, or the
    server cannot announce mails: then the caller comes again soon."""
    if not lease(account_id, holder):
        return
    try:
        account = ImapAccount.objects.select_related("mailbox").to_fetch().get(pk=account_id)
        with fetch.Folder(server_of(account), account.folder) as folder:
            while not stopping() and lease(account_id, holder):
                collect(account, folder, holder)
                wanted = _still_wanted(account)
                rest()
                if not wanted or not folder.wait(pause):
                    return
    except ImapAccount.DoesNotExist:
        return
    finally:
        give_up(account_id, holder)


def _still_wanted(account: ImapAccount) -> bool:
    """In use, and set up as it was when this line was opened."""
    now = ImapAccount.objects.to_fetch().filter(pk=account.pk).first()
    return now is not None and server_of(now) == server_of(account) and now.folder == account.folder
