"""What the provider that sends our mail (MAIL_PROVIDER) tells of it: delivered, or come back."""

import inspect
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from crm.models import Message
from crm.services import posting
from tickets.models import Mail
from tickets.services import tracking
from tickets.services.hooks import Unproven

State = Mail.State
_STATES = {
    EventType.DELIVERED: State.DELIVERED,
    EventType.BOUNCED: State.BOUNCED,
    EventType.REJECTED: State.BOUNCED,
    EventType.FAILED: State.BOUNCED,
}


def take(request: HttpRequest, provider: str) -> int:
    """How many mails of ours it changed. Raises Unproven, also for a provider that is not ours."""
    reader = _reader(provider)
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise Unproven from error
    return sum(_note(event) for event in reader.parse_events(request))


def _reader(provider: str) -> AnymailBaseWebhookView:
    """Without a password in ANYMAIL_WEBHOOK_SECRET nobody's word is taken."""
    backend = settings.MAIL_PROVIDER.split(".")
    if provider not in backend[2:3] or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Unproven
    found: Iterable[Any] = vars(import_module(f"anymail.webhooks.{provider}")).values()
    kinds = [kind for kind in found if inspect.isclass(kind) and _tracks(kind.__name__)]
    if not kinds:
        raise Unproven
    reader: AnymailBaseWebhookView = kinds[0]()
    return reader


def _tracks(name: str) -> bool:
    return name.endswith(("TrackingWebhookView", "CombinedWebhookView"))


def _note(event: AnymailTrackingEvent) -> bool:
    state = _STATES.get(event.event_type)
    mail = _mail(event)
    if state is None or mail is None:
        return False
    error = event.mta_response or event.description or event.reject_reason or ""
    with transaction.atomic():
        changed = tracking.report_of(mail, state, "" if state == State.DELIVERED else str(error))
        if changed and state == State.BOUNCED and mail.interaction:
            posting.post(
                mail.interaction,
                author=Message.Author.SYSTEM,
                kind=Message.Kind.EVENT,
                to_customer=False,
                client_id=f"mail-bounced:{mail.pk}",
                body={
                    "event": "mail_bounced",
                    "mail": mail.pk,
                    "address": event.recipient or ", ".join(mail.to),
                },
            )
    return changed


def _mail(event: AnymailTrackingEvent) -> Mail | None:
    """By the name we gave it; by theirs where the metadata got lost."""
    ours = str((event.metadata or {}).get("mail") or "")
    theirs = str(event.message_id or "").strip("<>")
    named = Q(header_id__in=[name for name in (ours, theirs) if name])
    if theirs:
        named |= Q(provider_id__in=[theirs, f"<{theirs}>"])
    if not (ours or theirs):
        return None
    return Mail.objects.outbound().filter(named).select_related("interaction").first()
