"""Demo only: the SMTP server that the outbox sends to. Nothing leaves this machine."""

import asyncio
import logging
import signal
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.catcher import store

log = logging.getLogger(__name__)
# the library tells every line of every session
logging.getLogger("mail.log").setLevel(logging.WARNING)


class Handler:
    """Takes everything."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        recipients = [str(address) for address in envelope.rcpt_tos]
        await asyncio.to_thread(store.keep, raw, recipients)
        return "250 2.0.0 Caught"


async def run(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    handler = Handler()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="catcher.localhost", enable_SMTPUTF8=True), host, port
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    log.info("catching mail on %s:%s", host, port)
    await stop.wait()
    server.close()


class Command(BaseCommand):
    help = "Catches every mail of the demo on the port of SMTP_URL (loopback only)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The catcher runs in the demo only: real mail needs a real server.")
        parts = urlsplit(settings.SMTP_URL)
        if parts.hostname not in {"127.0.0.1", "localhost"}:
            raise CommandError(f"The catcher stays on this machine: not {parts.hostname}.")
        asyncio.run(run(parts.hostname, parts.port or 25))
