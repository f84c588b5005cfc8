"""Mails per second from a real IMAP server (Debian's Dovecot) to stored and acknowledged requests,
in one process, on an empty and on a grown database; beside a bare pipeline of the same run that
fetches, parses with the standard library and inserts. And what each stage costs.

Each rate twice: by the clock, and by the processor time that the process and its database session
used, which other work on the machine disturbs less."""

import email
import imaplib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench._server import cpu
from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
MAILS = max(100, int(2_000 * SIZE))
TICKETS = int(100_000 * SIZE)
A_TICKET = 5  # messages


def run() -> Iterator[Figure]:
    from tests import dovecot
    from tests.tickets import corpus

    server = dovecot.start()
    try:
        mailbox = _mailbox()
        raws = corpus.delivered(corpus.make(MAILS, seed=1))
        _fetched(server, mailbox, corpus.delivered(corpus.make(MAILS // 4, seed=3)))  # warm
        bare = _bare(server, raws)
        with _stages() as spent:
            rate = _fetched(server, mailbox, raws)
        yield from rate.figures("into an almost empty database", bare)
        for name, seconds in spent.items():
            share = seconds / len(raws) * 1000
            yield Figure(share, f"ms of processor a mail: {name}", "all", 1000 / rate.busy)
        _grow(mailbox)
        raws = corpus.delivered(corpus.make(MAILS, seed=2))
        rate = _fetched(server, mailbox, [raw.replace(b"@home.", b"@house.") for raw in raws])
        yield from rate.figures(f"beside {TICKETS * A_TICKET:,} messages", bare)
    finally:
        server.stop()


class Rate(NamedTuple):
    """Mails a second."""

    clock: float
    busy: float

    def figures(self, where: str, bare: "Rate") -> Iterator[Figure]:
        yield Figure(self.clock, f"mails/s {where}", "bare pipeline", bare.clock)
        unit = f"mails a second of processor time {where}"
        yield Figure(self.busy, unit, "bare pipeline", bare.busy)


@contextmanager
def _timed(count: int) -> Iterator[list[Rate]]:
    """One rate in the list when it is over."""
    from django.db import connection

    connection.ensure_connection()
    session = connection.connection.info.backend_pid
    found: list[Rate] = []
    clock, busy = time.perf_counter(), time.process_time() + cpu(session)
    yield found
    clock, busy = time.perf_counter() - clock, time.process_time() + cpu(session) - busy
    found.append(Rate(count / clock, count / busy))


def _mailbox():  # type: ignore[no-untyped-def]
    from crm.models import Queue, Schedule
    from tickets import receivers
    from tickets.models import Mailbox

    receivers._nudge = lambda *_arguments, **_named: None  # no worker runs here
    schedule, _made = Schedule.objects.get_or_create(name="bench", defaults={"always_open": True})
    queue, _made = Queue.objects.get_or_create(
        slug="bench", defaults={"name_fr": "Bench", "schedule": schedule}
    )
    return Mailbox.objects.get_or_create(
        address="assistance@lumio.example", defaults={"name": "Assistance", "queue": queue}
    )[0]


def _fetched(server, mailbox, raws) -> Rate:  # type: ignore[no-untyped-def]
    from tests import dovecot
    from tickets.mail import fetch
    from tickets.models import ImapAccount
    from tickets.services import fetching

    ImapAccount.objects.all().delete()
    account = ImapAccount.objects.create(
        mailbox=mailbox,
        host="127.0.0.1",
        port=server.port,
        security="none",
        username=server.user(),
        password=dovecot.PASSWORD,
        takes_old=True,
    )
    server.deliver(account.username, raws)
    fetching.lease(account.pk, "bench")
    with (
        _timed(len(raws)) as found,
        fetch.Folder(fetching.server_of(account), account.folder) as folder,
    ):
        fetching.collect(account, folder, "bench")
    return found[0]


@contextmanager
def _stages() -> Iterator[dict[str, float]]:
    """Seconds of processor time in each stage, while it is measured."""
    from tickets.mail import fetch
    from tickets.services import acknowledging, fetching, filing, receiving

    spent: dict[str, float] = {}
    kept = []

    def watch(holder: object, name: str, words: str) -> None:
        plain = getattr(holder, name)
        spent[words] = 0.0

        def timed(*arguments, **named):  # type: ignore[no-untyped-def]
            start = time.process_time()
            try:
                return plain(*arguments, **named)
            finally:
                spent[words] += time.process_time() - start

        kept.append((holder, name, plain))
        setattr(holder, name, timed)

    watch(fetch.Folder, "_bodies", "fetch")
    watch(receiving, "store_many", "keep the source and a row")
    watch(filing, "parse", "parse")
    watch(filing, "gather", "ask what is known")
    watch(filing, "_write", "write")
    watch(acknowledging, "acknowledge_all", "acknowledge")
    watch(fetching, "_mark", "flag")
    try:
        yield spent
    finally:
        for holder, name, plain in kept:
            setattr(holder, name, plain)


def _bare(server, raws) -> Rate:  # type: ignore[no-untyped-def]
    """Fetch in batches, parse with the standard library, insert in batches: no thread, no
    customer, no acknowledgement."""
    from django.db import connection

    from tests import dovecot

    user = server.user()
    server.deliver(user, raws)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_mail (id text, sender text, body text)")
    with _timed(len(raws)) as found:
        client = imaplib.IMAP4("127.0.0.1", server.port)
        client.login(user, dovecot.PASSWORD)
        client.select()
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        for at in range(0, len(uids), 50):
            told = client.uid("FETCH", b",".join(uids[at : at + 50]).decode(), "(BODY.PEEK[])")[1]
            rows = [_row(part[1]) for part in told if isinstance(part, tuple)]
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO bench_mail VALUES (%s, %s, %s)", rows)
        client.logout()
    return found[0]


def _row(raw: bytes) -> tuple[str, str, str]:
    mail = email.message_from_bytes(raw)
    texts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    body = texts[0].get_payload(decode=True) if texts else b""
    text = body.decode("cp1252", "replace") if isinstance(body, bytes) else ""
    return str(mail["Message-ID"]), str(mail["From"]), text.replace("\0", "")


def _grow(mailbox) -> None:  # type: ignore[no-untyped-def]
    """Requests and mails of years: one of each through the services, then copied by plain SQL."""
    from django.db import connection

    from crm.models import Interaction
    from crm.services import interactions
    from tickets.services import receiving

    mail = receiving.receive(b"From: Grown <grown@old.example>\nMessage-ID: <0@old.example>\n\nBox")
    first = interactions.close(mail.interaction, outcome=Interaction.Outcome.SOLVED)
    numbers = f"generate_series(1, {TICKETS // 5}) n"
    _copy(first.customer, numbers, {"name_key": "'grown' || n"})
    grown = "SELECT id FROM crm_customer WHERE name_key LIKE 'grown_%'"
    _copy(first, f"({grown}) c, generate_series(1, 5)", {"customer_id": "c.id", "title": "'grown'"})
    grown = "SELECT id FROM crm_interaction WHERE title = 'grown'"
    _copy(
        mail.message,
        f"({grown}) i, generate_series(1, {A_TICKET}) m",
        {
            "interaction_id": "i.id",
            "staff_seq": "m",
            "customer_seq": "m",
            "client_id": "'g' || m",
            "text": "'Bonjour, ma box ne marche plus ' || md5(i.id::text || m)",
        },
    )
    grown = "SELECT id, interaction_id FROM crm_message WHERE client_id LIKE 'g_'"
    _copy(
        mail,
        f"({grown}) m",
        {
            "message_id": "m.id",
            "interaction_id": "m.interaction_id",
            "header_id": "'grown' || m.id || '@old.example'",
            "content_key": "'grown' || m.id",
        },
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(row, source: str, changed: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    """This row once for every row of `source`, with these columns as SQL says."""
    from django.db import connection

    meta = row._meta
    columns = [column.column for column in meta.concrete_fields if not column.primary_key]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({names}) SELECT {values} "
            f"FROM {meta.db_table} t, {source} WHERE t.id = {row.pk}"
        )
