"""Hundreds of mails of all kinds from a real IMAP server, also when who fetches or sends is killed
in the middle: every counter has its right value."""

import email
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.db import connection

from crm import clock
from crm.models import Attachment, Interaction, Message
from tests.tickets import corpus
from tests.tickets.test_fetching import account, collect, server  # noqa: F401 (fixtures)
from tickets.models import ImapAccount, Mail
from tickets.services import receiving, sending

State = Mail.State
COUNT = 2_000 if os.environ.get("BRAVO_PROVE") else 240
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("dovecot")]


def check(cases: list[corpus.Case]) -> None:
    """What the database holds is what is right for each mail."""
    by_id = {mail.header_id: mail for mail in _first_copies()}
    threads: dict[int | None, set] = defaultdict(set)
    for case in cases:
        if case.kind == "copy":
            continue
        mail = by_id[case.message_id]
        threads[case.thread].add(mail.interaction_id)
        assert (mail.state == State.SET_ASIDE) == (case.thread is None), case.message_id
        if case.kind in {"request", "reply"}:
            assert case.said in mail.message.text, case.message_id
            assert not case.quoted or case.quoted not in mail.message.text, case.message_id
    assert threads.pop(None, {None}) == {None}
    assert all(len(found) == 1 for found in threads.values())
    asked = {case.thread for case in cases if case.kind == "request"}
    assert Interaction.objects.count() == len(asked) == len(threads)
    copies = sum(case.kind == "copy" for case in cases)
    assert Mail.objects.filter(state=State.DUPLICATE).count() == copies
    assert not Mail.objects.filter(state__in=[State.RECEIVED, State.QUARANTINED]).exists()
    assert Attachment.objects.count() == sum(len(case.files) for case in cases)
    assert Mail.objects.outbound().count() == len(asked)  # one acknowledgement each, no robot
    texts = Message.objects.filter(kind="text", author="customer").count()
    assert texts == sum(case.kind in {"request", "reply"} for case in cases)


def _first_copies():
    rows = Mail.objects.inbound().exclude(state=State.DUPLICATE).select_related("message")
    return rows.order_by("pk")


def test_every_counter_is_right(server, account):  # noqa: F811
    cases = corpus.make(COUNT)
    server.deliver(account.username, corpus.delivered(cases))
    assert collect(account) == len(cases)
    check(cases)


# --- killed in the middle -------------------------------------------------------------------


def environment(var) -> dict[str, str]:
    """Of a process on the test's database, with the test's files."""
    told = connection.settings_dict
    where = f"?host={quote(told['HOST'], safe='/')}" if told["HOST"].startswith("/") else ""
    host = "" if where else f"{told['HOST']}:{told['PORT']}"
    url = f"postgres://{quote(told['USER'])}:{quote(told['PASSWORD'] or '')}@{host}/{told['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url + where,
        "REDIS_URL": configured.REDIS_URL,
        "SECRET_KEY": configured.SECRET_KEY,
        "SMTP_URL": configured.SMTP_URL,
        "VAR_DIR": str(var),
        "LOG_LEVEL": "ERROR",
    }


def begin(var, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=configured.BASE_DIR,
        env=environment(var),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when(process: subprocess.Popen[bytes], reached) -> bool:
    """False when it ended by itself first."""
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if reached():
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.005)  # another process's rows: only asking tells
    return False


def test_a_fetcher_killed_again_and_again_loses_and_doubles_nothing(server, account, tmp_path):  # noqa: F811
    cases = corpus.make(COUNT)
    server.deliver(account.username, corpus.delivered(cases))
    for stored in (1, 60):
        # few at a time, so that there is a middle to die in
        process = begin(tmp_path, "shell", "-v", "0", "-c",
                        "from django.core.management import call_command; "
                        "from tickets.mail import fetch; fetch.MAILS_AT_ONCE = 50; "
                        "call_command('fetch_mail', '--once')")  # fmt: skip
        found = Mail.objects.inbound()
        assert kill_when(process, lambda at=stored, found=found: found.count() >= at)
        assert found.count() < len(cases)
        ImapAccount.objects.update(lease_until=clock.wall() - timedelta(seconds=1))
    account.refresh_from_db()
    collect(account, "another")
    receiving.sweep(before=clock.wall() + timedelta(seconds=1))
    check(cases)


def test_a_sender_killed_again_and_again_sends_each_mail_and_says_what_may_be_double(
    server,  # noqa: F811
    account,  # noqa: F811
    sink,
    tmp_path,
):
    cases = [case for case in corpus.make(COUNT // 2) if case.kind == "request"]
    raws = [case.raw for case in cases]
    receiving.file_new(list(zip(receiving.store_many(raws), raws, strict=True)))
    due = Mail.objects.outbound().count()
    assert due == len(cases)
    kills = 0
    for sent in (1, due // 2):
        process = begin(tmp_path, "shell", "-v", "0", "-c", "from tickets.services import sending; "
                        "sending.drain(10_000)")  # fmt: skip
        kills += kill_when(process, lambda at=sent: len(sink.mails) >= at)
        Mail.objects.filter(state=State.IN_FLIGHT).update(
            claimed_at=clock.wall() - sending.STUCK - timedelta(seconds=1)
        )
        sending.free_stuck()
    sending.drain(10_000)
    identifiers = [email.message_from_bytes(raw)["Message-ID"] for _to, raw in sink.mails]
    assert kills == 2
    assert len(set(identifiers)) == due
    doubled = len(identifiers) - due
    assert doubled <= Mail.objects.filter(maybe_twice=True).count() <= kills
    assert Mail.objects.filter(state=State.SENT).count() == due
