"""A mail to the next server, or to a provider. Says what came of it; decides nothing.

By SMTP (`SMTP_URL`), signed where its domain has a DKIM key, unless `MAIL_PROVIDER` names one of
django-anymail's backends."""

import smtplib
from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings

from tickets.mail import compose, provider, sign
from tickets.mail.results import Result
from tickets.models import Mail

TIMEOUT = 20


def send(mail: Mail, pieces: Sequence[compose.Piece] = ()) -> Result:
    if settings.MAIL_PROVIDER:
        return provider.send(mail, pieces)
    # what cannot be delivered comes back to where we read
    sender = mail.mailbox.address if mail.mailbox else mail.from_email
    message, recipients = compose.message(mail, pieces), compose.recipients(mail)
    if not all(address.isascii() for address in (sender, *recipients)):
        # SMTPUTF8, which the library sees to by itself; such a mail leaves unsigned
        return _by_smtp(lambda server: server.send_message(message, sender, recipients))
    raw = message.as_bytes()
    raw = sign.header(mail, raw) + raw
    return _by_smtp(lambda server: server.sendmail(sender, recipients, raw))


def _by_smtp(hand_over: Callable[[smtplib.SMTP], dict[str, tuple[int, bytes]]]) -> Result:
    try:
        with _connect(settings.SMTP_URL) as server:
            refused = hand_over(server)
    except smtplib.SMTPRecipientsRefused as error:
        return _judge(*_worst(error.recipients))
    except smtplib.SMTPResponseException as error:
        return _judge(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Result("away", f"{type(error).__name__}: {error}"[:500])
    if refused:
        # somebody got it: sending again would send twice; the refusal is kept to be shown
        return Result("sent", _words(*_worst(refused)))
    return Result("sent")


def _connect(url: str) -> smtplib.SMTP:
    """smtp://, smtp+starttls:// or smtps://, with user:password@ where the server wants it."""
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _worst(refused: dict[str, tuple[int, bytes]]) -> tuple[int, bytes]:
    return max(refused.values(), key=lambda answer: answer[0])


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"[:500]


def _judge(code: int, text: bytes | str) -> Result:
    kind = "never" if 500 <= code < 600 and code not in {530, 535, 538} else "later"
    return Result(kind, _words(code, text))
