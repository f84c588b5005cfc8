"""The "test" button of a mailbox: each step that was tried, and what is wrong in words."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from imapclient.exceptions import LoginError

from tickets.mail import fetch
from tickets.models import Hook, ImapAccount, Mailbox
from tickets.services import fetching

_BYTES = re.compile(r"b'([^']*)'")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer."""

    works: bool
    said: str


def test(mailbox: Mailbox) -> list[Line]:
    """Of the way its mail comes: fetched, posted by a provider, or by SMTP."""
    account, hook = getattr(mailbox, "imap", None), getattr(mailbox, "hook", None)
    if account is not None and account.is_active:
        return test_imap(account)
    if hook is not None and hook.is_active:
        return [_posted(hook)]
    return test_listener(mailbox)


def _posted(hook: Hook) -> Line:
    told = {"provider": hook.get_provider_display()}
    if hook.posted_at is None:
        return Line(False, _("%(provider)s has posted nothing yet.") % told)
    told["at"] = date_format(timezone.localtime(hook.posted_at), "DATETIME_FORMAT")
    return Line(True, _("%(provider)s last posted on %(at)s.") % told)


def test_listener(mailbox: Mailbox) -> list[Line]:
    """Asks our own listener whether it would take a mail for this address; sends none."""
    where = settings.MAIL_LISTEN or settings.MAIL_LMTP
    host, _colon, port = where.rpartition(":")
    told = {"where": where, "address": mailbox.address}
    kind = smtplib.SMTP if settings.MAIL_LISTEN else smtplib.LMTP
    try:
        with kind(host or "127.0.0.1", int(port or 0), timeout=5) as line:
            line.ehlo_or_helo_if_needed()
            line.mail("")
            code, said = line.rcpt(mailbox.address)
    except (OSError, smtplib.SMTPException, ValueError):
        return [Line(False, _("Nobody listens on %(where)s: is listen_mail running?") % told)]
    lines = [Line(True, _("The listener on %(where)s answers.") % told)]
    if code == 250:
        lines.append(Line(True, _("It takes mail for %(address)s.") % told))
    else:
        told["why"] = said.decode("utf-8", "replace")
        lines.append(Line(False, _("It takes no mail for %(address)s: %(why)s.") % told))
    return lines


def test_imap(account: ImapAccount) -> list[Line]:
    """Steps until the first that fails; nothing is changed on the server."""
    others = [account.move_to] if account.after == ImapAccount.After.MOVE else []
    lines = []
    for step in fetch.walk(fetching.server_of(account), account.folder, others):
        said = words(step.error, step.name, account) if step.error else _worked(step)
        lines.append(Line(step.error is None, said))
    return lines


def _worked(step: fetch.Step) -> str:
    told = {"told": step.told}
    if step.name == "address":
        return _("The name %(told)s is known.") % told
    if step.name == "line":
        if step.told == "none":
            return _("The server answers, without encryption.")
        return _("The server answers, encrypted, and its certificate is valid.")
    if step.name == "sign_in":
        return _("The server lets %(told)s in.") % told
    if step.name == "folder":
        return _("The folder is there; it holds %(told)s mails.") % told
    return _("The folder %(told)s, where mails go, is there.") % told


def words(error: BaseException, step: str = "", account: ImapAccount | None = None) -> str:
    """What to tell the person who set the mailbox up."""
    why = {"why": _plain(error)}
    if isinstance(error, ssl.SSLCertVerificationError):
        why["why"] = error.verify_message
    for kind, said in _SAID:
        if isinstance(error, kind):
            return str(said) % why
    if step == "folder" and account is not None:
        return _("There is no folder “%(folder)s”: %(why)s.") % {"folder": account.folder, **why}
    if isinstance(error, OSError):
        return _("The connection broke: %(why)s.") % why
    return _("The server says: %(why)s.") % why


# the first that fits, so the narrower kinds come first
_SAID: list[tuple[type[BaseException], str | Promise]] = [
    (socket.gaierror, gettext_lazy("No server of that name is known. Check its spelling.")),
    (
        ssl.SSLCertVerificationError,
        gettext_lazy("The server's certificate is not accepted: %(why)s."),
    ),
    (
        ssl.SSLError,
        gettext_lazy("The server speaks no TLS on this port: 993 is for TLS, 143 for STARTTLS."),
    ),
    (
        fetch.SignInRefused,
        gettext_lazy("The token server refuses: %(why)s. The consent may have ended."),
    ),
    (
        LoginError,
        gettext_lazy(
            "The server refuses this user name or password: %(why)s. With two-step sign-in it "
            "wants an app password; Microsoft and Google want OAuth2."
        ),
    ),
    (ConnectionRefusedError, gettext_lazy("Nobody answers on this port. Check the port.")),
    (
        TimeoutError,
        gettext_lazy("The server does not answer. Is the port right, is a firewall in between?"),
    ),
]


def _plain(error: BaseException) -> str:
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
    text = _BYTES.sub(r"\1", text)  # as the library quotes what a server said
    return text.strip(" .")[:300] or type(error).__name__
