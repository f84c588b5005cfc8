"""The SMTP and LMTP listener, a process of its own: 250 means the mail is stored and committed."""

import asyncio
import logging
import signal
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from tickets.mail import compose, listen
from tickets.services import mailboxes, receiving

log = logging.getLogger(__name__)


def _known(address: str) -> bool:
    close_old_connections()
    try:
        return mailboxes.named(address) is not None
    finally:
        close_old_connections()


def _store(raw: bytes, recipients: list[str]) -> int:
    close_old_connections()
    try:
        return receiving.store(raw, recipients).pk
    finally:
        close_old_connections()


def _file(mail_id: int) -> None:
    """Right after the answer; when this fails or the process dies, the sweep files it."""
    close_old_connections()
    try:
        receiving.file(mail_id)
    except Exception:
        log.exception("mail %s waits for the sweep", mail_id)
    finally:
        close_old_connections()


class Listener:
    """The handler's two questions, and the filing that follows an answer."""

    def __init__(self) -> None:
        self.filing: set[asyncio.Task[None]] = set()
        self.handler = listen.Handler(self.known, self.keep)

    async def known(self, address: str) -> bool:
        return await sync_to_async(_known, thread_sensitive=False)(address)

    async def keep(self, raw: bytes, recipients: list[str]) -> None:
        key = await sync_to_async(_store, thread_sensitive=False)(raw, recipients)
        task = asyncio.create_task(self._file(key))
        self.filing.add(task)
        task.add_done_callback(self.filing.discard)

    async def _file(self, key: int) -> None:
        await sync_to_async(_file, thread_sensitive=False)(key)

    async def run(self, smtp: str, lmtp: str) -> None:
        """On both addresses, `host:port`; an empty one is not listened on."""
        domain = compose.our_domain(compose.installation_sender()[1])
        servers = []
        for address in filter(None, [smtp, lmtp]):
            host, _colon, port = address.rpartition(":")
            servers.append(
                await listen.serve(
                    self.handler,
                    host or "127.0.0.1",
                    int(port),
                    hostname=domain,
                    lmtp=address == lmtp,
                )
            )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        log.info("listening for mail on %s", " and ".join(filter(None, [smtp, lmtp])))
        await stop.wait()
        for server in servers:
            server.close()
        if self.filing:
            await asyncio.wait(self.filing, timeout=10)


class Command(BaseCommand):
    help = "Takes in mail by SMTP (MAIL_LISTEN) and LMTP (MAIL_LMTP), for our mailboxes only."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(Listener().run(settings.MAIL_LISTEN, settings.MAIL_LMTP))
