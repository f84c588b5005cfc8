"""OAuth2: the consent of a mailbox's owner, asked for in the browser, kept as a refresh token.

With a proof key (RFC 7636), so that a code that somebody sees is of no use to them."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from tickets.mail import fetch
from tickets.models import ImapAccount

Sign = ImapAccount.Sign
_AUTHORIZE: dict[str, str] = {
    Sign.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    Sign.GOOGLE: "https://accounts.google.com/o/oauth2/v2/auth",
}
TOKEN_URLS: dict[str, str] = {
    Sign.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    Sign.GOOGLE: "https://oauth2.googleapis.com/token",
}
_SCOPES: dict[str, str] = {
    Sign.MICROSOFT: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    Sign.GOOGLE: "https://mail.google.com/",
}


@dataclass(frozen=True)
class Asked:
    """A question on its way: where the browser goes, and what must come back with the answer."""

    url: str
    state: str
    verifier: str


def token_url(account: ImapAccount) -> str:
    return TOKEN_URLS[account.sign].format(tenant=account.tenant or "common")


def token_fields(account: ImapAccount) -> tuple[tuple[str, str], ...]:
    """The form that exchanges the consent for an access token."""
    fields = {
        "grant_type": "refresh_token",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "refresh_token": account.refresh_token,
    }
    if account.sign == Sign.MICROSOFT:
        fields["scope"] = _SCOPES[account.sign]
    return tuple(fields.items())


def ask(account: ImapAccount, back_to: str) -> Asked:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": account.client_id,
        "response_type": "code",
        "redirect_uri": back_to,
        "scope": _SCOPES[account.sign],
        "state": state,
        "login_hint": account.username,
        "prompt": "consent",  # without it Google gives a refresh token only once
        "access_type": "offline",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    base = _AUTHORIZE[account.sign].format(tenant=account.tenant or "common")
    return Asked(f"{base}?{urlencode(query)}", state, verifier)


def finish(account: ImapAccount, code: str, verifier: str, back_to: str) -> None:
    """Exchange the code. Raises fetch.SignInRefused with what the token server says."""
    told = fetch.ask_tokens(
        token_url(account),
        [
            ("grant_type", "authorization_code"),
            ("client_id", account.client_id),
            ("client_secret", account.client_secret),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", back_to),
        ],
    )
    if not (token := told.get("refresh_token")):
        raise fetch.SignInRefused("the token server gave no refresh token")
    keep(account, token)


def keep(account: ImapAccount, token: str) -> None:
    """Microsoft gives another one each time, and forgets the old one after a while."""
    account.refresh_token = token
    ImapAccount.objects.filter(pk=account.pk).update(refresh_token=token)
