"""A callback's promise in words: for the pages, in the conversation, by mail."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from crm import registry
from crm.models import Customer, Identity, Interaction, Message, Subject
from crm.services import customers, posting, routing
from selfcare.models import Callback
from selfcare.services import call_rules, links, slots, words


def at_once(subject: Subject, *, at: datetime, zone: str, language: str) -> str:
    """What may be said of a call as soon as possible: how soon that is, as far as it is known.
    Nothing when nobody could make it."""
    queue = subject.queue_at(at)
    if queue is None or not slots.may_call_now(subject, at=at, zone=zone, language=language):
        return ""
    wait = routing.expected_wait(queue, channel="callback")
    if wait is None:
        return _("you keep your place in the queue")
    if not wait.minutes:
        return _("an adviser is available now")
    return ngettext("in about %(n)d minute", "in about %(n)d minutes", wait.minutes) % {
        "n": wait.minutes
    }


def in_words(callback: Callback, language: str = "") -> str:
    """ "lundi 23 novembre entre 17 h 30 et 18 h", "dès que possible"."""
    language = language or callback.interaction.language
    if callback.slot_start and callback.slot_end:
        return words.stretch(callback.slot_start, callback.slot_end, language, callback.time_zone)
    if callback.promised_at > callback.created_at:
        return words.moment(callback.promised_at, language, callback.time_zone)
    with override(language):
        return _("as soon as possible")


def note(callback: Callback, event: str, **body: object) -> None:
    """One line in the conversation, for both sides: the request and its promises are kept."""
    posting.post(
        callback.interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={"event": event, **body},
    )


def tell(callback: Callback, what: str, **context: object) -> bool:
    """Mail the customer about the present promise, once per promise. False without an address."""
    interaction = callback.interaction
    address = callback.mail or customers.mail_address(interaction.customer)
    if not address:
        return False
    language = interaction.language
    token = links.token(links.CALLBACK, callback.pk)
    rule = call_rules.of(interaction.queue)
    registry.notify(
        address,
        f"selfcare/mail/callback_{what}",
        {
            "name": _greeting(interaction.customer, address, language),
            "reference": interaction.reference,
            "promise": in_words(callback),
            "phone": words.phone(callback.phone),
            "link": links.address("callback_link", language, token),
            "calling_number": rule.shown_number,
            "seconds": rule.ring_seconds,
            "tries": rule.most_attempts,
            "minutes": rule.again_minutes,
            **context,
        },
        language,
        f"callback-{what}:{callback.pk}:{callback.promise_number}:{callback.attempts_made}",
        interaction,
    )
    return True


def _greeting(customer: Customer, address: str, language: str) -> str:
    """Their name, unless the address is only what somebody typed into the form."""
    known = customer.identities.filter(kind=Identity.Kind.MAIL, value__iexact=address).exists()
    return customer.addressed(language) if known else ""


def deliver(interaction: Interaction, message: Message) -> None:
    """What an agent writes in a callback goes by mail; without an address the portal shows it."""
    callback = Callback.objects.filter(pk=interaction.pk).first()
    address = (callback.mail if callback else "") or customers.mail_address(interaction.customer)
    if address and message.kind == Message.Kind.TEXT:
        registry.notify(
            address,
            "selfcare/mail/message",
            {
                "name": interaction.customer.addressed(interaction.language),
                "reference": interaction.reference,
                "text": message.text,
                "adviser": message.agent.display_name if message.agent else "",
            },
            interaction.language,
            f"message:{message.pk}",
            interaction,
        )
