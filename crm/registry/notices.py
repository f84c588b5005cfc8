"""The one way to send somebody a message, and the page it may lead to."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from crm.models import Interaction

from .channels import NotRegistered


class Notifier(Protocol):
    """Writes an outbox row; never sends by itself."""

    def __call__(
        self,
        address: str,
        template: str,
        context: Mapping[str, Any],
        language: str,
        key: str,
        interaction: Interaction | None = None,
        unsubscribe_url: str = "",
    ) -> None: ...


# interaction → a signed address that needs no account
RequestPage = Callable[[Interaction], str]

_notifier: Notifier | None = None
_request_page: RequestPage | None = None


def register_notifier(notifier: Notifier) -> None:
    global _notifier
    _notifier = notifier


def notify(
    address: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    key: str,
    interaction: Interaction | None = None,
    unsubscribe_url: str = "",
) -> None:
    """Have a mail sent, once per `key`, by the outbox.

    `template` is a base name: `{template}.txt` (first line "Subject: …") and, if present,
    `{template}.html`, rendered in `language` with `context`. Runs in the caller's transaction:
    the row exists if and only if the caller commits. With `interaction`, an answer to the mail
    comes back into that interaction. At `unsubscribe_url` one POST ends
    mails of this kind (RFC 8058)."""
    if _notifier is None:
        raise NotRegistered("No app provides the notifier")
    _notifier(address, template, context, language, key, interaction, unsubscribe_url)


def register_request_page(page: RequestPage) -> None:
    """Called by the app whose pages show customers their requests."""
    global _request_page
    _request_page = page


def request_page(interaction: Interaction) -> str:
    """The signed address of a request's page, for a mail to its customer; "" without a portal."""
    return _request_page(interaction) if _request_page else ""
