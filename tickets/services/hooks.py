"""Mail that a provider posts: proven by the password in its address and the provider's signature,
kept as a mail's bytes before anything else is done with it."""

import logging
from collections.abc import Mapping
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.mailersend import MailerSendInboundWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.mailjet import MailjetInboundWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalInboundWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest

from crm import clock
from tickets.models import Hook
from tickets.services import receiving

log = logging.getLogger(__name__)

LIMIT = 40 * 1024 * 1024  # of a post: 25 MB of mail, as base64 in JSON
Provider = Hook.Provider
# who reads a provider's posts, and what their key is called
_READERS: Mapping[str, tuple[type[AnymailBaseWebhookView], str]] = {
    Provider.MAILGUN: (MailgunInboundWebhookView, "webhook_signing_key"),
    Provider.POSTMARK: (PostmarkInboundWebhookView, ""),
    Provider.SENDGRID: (SendGridInboundWebhookView, ""),
    Provider.BREVO: (BrevoInboundWebhookView, "api_key"),
    Provider.MAILJET: (MailjetInboundWebhookView, ""),
    Provider.MAILERSEND: (MailerSendInboundWebhookView, "inbound_secret"),
    Provider.MANDRILL: (MandrillCombinedWebhookView, "webhook_key"),
    Provider.SPARKPOST: (SparkPostInboundWebhookView, ""),
    Provider.POSTAL: (PostalInboundWebhookView, "webhook_key"),
}


class Unproven(Exception):
    """Not from the provider: no or a wrong password or signature, or no such webhook."""


class TooLarge(Exception):
    """More than a mail can be."""


def open_hook(mailbox_id: int, provider: str) -> Hook | None:
    found = Hook.objects.filter(mailbox=mailbox_id, provider=provider, is_active=True)
    return found.select_related("mailbox").first()


def take(request: HttpRequest, hook: Hook) -> int:
    """How many mails it brought: each is stored when this returns. What is proven and cannot be
    read goes to the quarantine as it came. Raises Unproven, TooLarge."""
    # read at once, past the limit for forms: files come as base64 within JSON
    request._body = request.read(LIMIT + 1)
    if len(request._body) > LIMIT:
        raise TooLarge
    reader = _reader(hook)
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise Unproven from error
    except RequestDataTooBig as error:
        raise TooLarge from error
    try:
        events = reader.parse_events(request)
        posted = [(_source(event.message), _recipients(event.message, hook)) for event in events]
    except Exception as error:  # whatever it is: the mail is ours from here on
        log.exception("a post of %s cannot be read", hook)
        _quarantine(request._body, hook, error)
        posted = []
    for raw, recipients in posted:
        receiving.store(raw, recipients)
    Hook.objects.filter(pk=hook.pk).update(posted_at=clock.now())
    return len(posted)


def _reader(hook: Hook) -> AnymailBaseWebhookView:
    kind, name = _READERS[hook.provider]
    given: dict[str, Any] = {"webhook_secret": [f"bravo:{each}" for each in hook.passwords]}
    if name and hook.key:
        given[name] = hook.key
    if hook.provider == Provider.MANDRILL:
        given["webhook_url"] = hook.address  # is part of what they sign
    return kind(**given)


def _source(message: AnymailInboundMessage) -> bytes:
    try:
        return message.as_bytes()
    except (UnicodeError, ValueError, LookupError):  # a charset that is none
        return message.as_string().encode("utf-8", "surrogateescape")


def _recipients(message: AnymailInboundMessage, hook: Hook) -> list[str]:
    """Whom the provider took it for, and the mailbox whose address was called."""
    return [*filter(None, [message.envelope_recipient]), hook.mailbox.address]


def _quarantine(body: bytes, hook: Hook, error: Exception) -> None:
    with transaction.atomic():
        mail = receiving.store_many([body], [hook.mailbox.address])[0]
        receiving.quarantine(mail, f"a provider's post: {type(error).__name__}")
