"""A mail through a provider's API, by the django-anymail backend that `MAIL_PROVIDER` names."""

from collections.abc import Sequence
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection
from requests import RequestException

from tickets.mail import compose
from tickets.mail.results import Result
from tickets.models import Mail

_OWN = {"From", "To", "Cc", "Reply-To", "Subject"}  # fields of their own in every API
_BUSY = {408, 425, 429}


def send(mail: Mail, pieces: Sequence[compose.Piece]) -> Result:
    message = _message(mail, pieces)
    try:
        message.send()
    except AnymailRecipientsRefused as error:
        return Result("never", str(error)[:500])
    except AnymailAPIError as error:
        return _judge(error)
    except AnymailError as error:  # a mail this provider cannot take as it is
        return Result("never", f"{type(error).__name__}: {error}"[:500])
    except (RequestException, OSError) as error:
        return Result("away", f"{type(error).__name__}: {error}"[:500])
    return Result("sent", provider_id=str(_identifier(message.anymail_status) or "")[:200])


def _message(mail: Mail, pieces: Sequence[compose.Piece]) -> Any:
    headers = compose.headers(mail)
    message = AnymailMessage(
        subject=headers["Subject"],
        body=mail.text,
        from_email=headers["From"],
        to=mail.to,
        cc=mail.cc,
        bcc=mail.bcc,
        reply_to=[headers["Reply-To"]] if "Reply-To" in headers else None,
        headers={name: value for name, value in headers.items() if name not in _OWN},
        connection=get_connection(settings.MAIL_PROVIDER),
    )
    # ours comes back in every report, whatever the provider makes of the Message-ID
    message.metadata = {"mail": mail.header_id}
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for piece in pieces:
        message.attach(compose.as_part(piece))
    return message


def _identifier(status: Any) -> Any:
    """Some providers name each recipient's copy: the first one stands for the mail."""
    if isinstance(status.message_id, set):
        return next(iter(sorted(filter(None, status.message_id))), "")
    return status.message_id


def _judge(error: AnymailAPIError) -> Result:
    code = error.status_code
    words = " ".join(str(error).split())[:500]
    if code is None:
        return Result("away", words)
    # a wrong key is mended by an administrator, and then the mail leaves
    never = 400 <= code < 500 and code not in _BUSY and code not in {401, 403}
    return Result("never" if never else "later", words)
