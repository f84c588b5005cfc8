"""SMTP and LMTP in: asks whether it may take a mail, hands the bytes on, and answers what came
of it.

Knows no database: the two questions are given to it (`manage.py listen_mail`)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

log = logging.getLogger(__name__)
# the library tells every line of every session
logging.getLogger("mail.log").setLevel(logging.WARNING)

SIZE_LIMIT = 25 * 1024 * 1024
RECIPIENTS_LIMIT = 100
LATER = "451 4.3.0 Not now, please try again"


class Handler:
    """`known(address)`: is it ours? `keep(raw, recipients)`: returns when the mail is safe.
    Either may raise: then the other server keeps the mail and tries again."""

    def __init__(
        self,
        known: Callable[[str], Awaitable[bool]],
        keep: Callable[[bytes, list[str]], Awaitable[None]],
    ) -> None:
        self.known = known
        self.keep = keep

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return "452 4.5.3 Too many recipients"
        try:
            known = await self.known(address)
        except Exception as error:  # the database is away: nothing is refused for good
            log.warning("cannot ask whose address it is: %s", type(error).__name__)
            return LATER
        if not known:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        try:
            await self.keep(raw, [str(address) for address in envelope.rcpt_tos])
        except Exception as error:
            log.warning("a mail could not be stored: %s", type(error).__name__)
            return self._answer(server, envelope, LATER)
        return self._answer(server, envelope, "250 2.0.0 Stored")

    def _answer(self, server: SMTP, envelope: Envelope, answer: str) -> str:
        """By LMTP one answer for each recipient, in their order (RFC 2033)."""
        times = len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1
        return "\r\n".join([answer] * times)


def server(handler: Handler, *, hostname: str, lmtp: bool = False) -> SMTP:
    kind = LMTP if lmtp else SMTP
    return kind(
        handler,
        data_size_limit=SIZE_LIMIT,
        hostname=hostname,
        ident="Bravo",
        enable_SMTPUTF8=True,
        timeout=120,
    )


async def serve(
    handler: Handler, host: str, port: int, *, hostname: str, lmtp: bool = False
) -> asyncio.Server:
    """Listen; the caller closes what this returns."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: server(handler, hostname=hostname, lmtp=lmtp), host, port
    )
