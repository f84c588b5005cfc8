"""What the widget shows to be who it was: signed, expiring, good for one thing only.

A token's age is real time; how long a closed chat may go on is business time."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core import signing

from chat.models import Chat, Site
from crm import clock

_CHAT_SALT = "chat.conversation"
_VISIT_SALT = "chat.visit"
CHAT_SECONDS = 7 * 24 * 3600
VISIT_SECONDS = 6 * 3600


class BadToken(Exception):
    """Not ours, too old, revoked, or for something else."""


def for_chat(chat: Chat) -> str:
    """Opens this conversation on this site and nothing else."""
    scope = [chat.pk, chat.site.key, chat.token_version]
    return signing.dumps(scope, salt=_CHAT_SALT)


def read_chat(token: object, *, site_key: str | None = None, over: bool = False) -> Chat:
    """The conversation a token opens; closed for too long to go on, only with `over`.

    Raises BadToken."""
    key, site, version = _scope(token, _CHAT_SALT, CHAT_SECONDS, 3)
    if site_key is not None and site != site_key:
        raise BadToken("another site's")
    chat = (
        Chat.objects.select_related(
            "interaction__customer",
            "interaction__agent",
            "interaction__subject",
            "interaction__visit",
            "site",
        )
        .filter(pk=key, site__key=site, site__is_active=True, token_version=version)
        .first()
    )
    if chat is None:
        raise BadToken("revoked")
    if not over and _too_long_ago(chat):
        raise BadToken("over")
    return chat


def still_good(shown: Iterable[str]) -> set[str]:
    """Which of these tokens open their chats now: one question for all of them."""
    scopes: dict[str, tuple[Any, ...]] = {}
    for token in shown:
        with suppress(BadToken):
            scopes[token] = tuple(_scope(token, _CHAT_SALT, CHAT_SECONDS, 3))
    chats = Chat.objects.filter(pk__in=[scope[0] for scope in scopes.values()])
    known = {
        (chat.pk, chat.site.key, chat.token_version)
        for chat in chats.filter(site__is_active=True)
        .select_related("site", "interaction")
        .only("token_version", "site__key", "site__reopen_hours", "interaction__closed_at")
        if not _too_long_ago(chat)
    }
    return {token for token, scope in scopes.items() if scope in known}


def _too_long_ago(chat: Chat) -> bool:
    closed = chat.interaction.closed_at
    return closed is not None and closed + timedelta(hours=chat.site.reopen_hours) < clock.now()


def for_visit(key: str, site: Site) -> str:
    """Carries a visit that has no session: it lives as long as the page."""
    return signing.dumps([key, site.key], salt=_VISIT_SALT)


def read_visit(token: object, site: Site) -> str:
    """The key of the visit a token carries on this site; its row may not be made yet.

    Raises BadToken."""
    key, site_key = _scope(token, _VISIT_SALT, VISIT_SECONDS, 2)
    if site_key != site.key:
        raise BadToken("another site's")
    return str(key)


def _scope(token: object, salt: str, max_age: int, parts: int) -> list:
    if not isinstance(token, str) or len(token) > 400:
        raise BadToken("malformed")
    try:
        scope = signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature as error:
        raise BadToken("not ours, or too old") from error
    if not isinstance(scope, list) or len(scope) != parts:
        raise BadToken("malformed")
    return scope
