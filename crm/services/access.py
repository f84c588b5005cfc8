"""Who may work here: the one rule behind pages, API and sockets."""

from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from crm.models import Agent

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
DEMO_KEY = "demo"  # in a session opened by the demo's link


def is_staff(user: Any) -> bool:
    """Works here and may sign in; says nothing of how they did."""
    return bool(user is not None and user.is_authenticated and user.is_active and user.is_staff)


def agent_of(user: Any) -> Agent | None:
    """The profile by which they answer customers; None for whoever does not."""
    return getattr(user, "agent", None)


def has_second_factor(user: Any) -> bool:
    """Owns an authenticator app or a passkey."""
    return is_mfa_enabled(user, FACTORS)


def used_second_factor(session: Mapping[str, Any]) -> bool:
    """This very session was opened, or confirmed, with one."""
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    return any(record.get("method") == "mfa" for record in records)


def may_work(user: Any, session: Mapping[str, Any] | None) -> bool:
    """Staff, behind two factors in this session. The demo's own sessions count under DEMO only."""
    if not is_staff(user) or session is None:
        return False
    if session.get(DEMO_KEY):
        return bool(settings.DEMO)
    return used_second_factor(session) and has_second_factor(user)
