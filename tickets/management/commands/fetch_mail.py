"""The fetcher, a process of its own: one thread per IMAP account, each under a lease.

Several may run, on several machines: each account is fetched by one of them, and by another a
minute and a half after that one died."""

import logging
import os
import signal
import socket
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from tickets.mail import fetch
from tickets.models import ImapAccount
from tickets.services import fetching, mailbox_tests, polling

log = logging.getLogger(__name__)

POLL = 10.0  # between two looks at what accounts there are, and at servers without IDLE
PAUSE = 20.0  # of one IDLE: the lease is renewed in between


class Fetcher:
    def __init__(self) -> None:
        self.stop = threading.Event()
        self.holder = f"{socket.gethostname()[:30]}:{os.getpid()}"
        self.running: dict[int, threading.Thread] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.round()
            except DatabaseError as error:
                log.warning("cannot ask for the accounts: %s", type(error).__name__)
            finally:
                close_old_connections()
            self.stop.wait(POLL)
        for thread in self.running.values():
            thread.join(10)

    def round(self) -> None:
        """A thread for every account that has none."""
        self.running = {key: thread for key, thread in self.running.items() if thread.is_alive()}
        for key in ImapAccount.objects.to_fetch().values_list("pk", flat=True):
            if key not in self.running:
                thread = threading.Thread(target=self.watch, args=[key], daemon=True)
                self.running[key] = thread
                thread.start()

    def watch(self, key: int) -> None:
        try:
            fetching.watch(
                key,
                self.holder,
                stopping=self.stop.is_set,
                rest=close_old_connections,
                pause=PAUSE,
            )
        except fetching.LeaseLost:
            log.warning("account %s is another fetcher's now", key)
        except fetch.Trouble as error:
            log.warning("account %s: %s: %s", key, type(error).__name__, error)
            fetching.note_trouble(key, mailbox_tests.words(error))
        except Exception:
            log.exception("account %s", key)
        finally:
            close_old_connections()


class Command(BaseCommand):
    help = "Fetches the mail of every IMAP account in use, as it comes; with --once, what is there."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        fetcher = Fetcher()
        if options["once"]:
            for look in polling.poll(fetcher.holder):
                self.stdout.write(f"{look.account}: {look.trouble or look.count}")
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: fetcher.stop.set())
        fetcher.run()
