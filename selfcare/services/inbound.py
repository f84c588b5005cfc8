"""A customer called us: who it is by the number, and the call written down."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Agent, Customer, Identity, Interaction, Message, Status, Subject, WorkSegment
from crm.services import customers, interactions, posting, rights, wording
from selfcare.models import Callback, CallbackAttempt
from selfcare.models.callback import PROMPT

Outcome = Interaction.Outcome
_EXPECTED = [Status.WAITING, Status.PENDING]  # a call of ours that nobody is dialling yet
# what may come of a call that somebody answered
OUTCOMES = [
    one.value for one in (Outcome.SOLVED, Outcome.INFORMED, Outcome.PROMISED, Outcome.ORDER)
]


@dataclass(frozen=True)
class Caller:
    """Whose number that is; nobody for an unknown or hidden one."""

    customer: Customer | None = None
    before: list[Interaction] = field(default_factory=list)  # their last three
    expected: Callback | None = None  # they wait for our call, which this one makes needless


def caller(phone: str, user: Any) -> Caller:
    """Who calls `user` from that number. A whole number lets a colleague see whose it is, as on
    the page "find": for a shift, and the audit trail says so. Raises rights.TooMany."""
    try:
        number = customers.normalise(Identity.Kind.PHONE, phone) if phone else ""
    except customers.BadIdentity:
        number = ""
    if not number:
        return Caller()
    if rights.sees_all(user):  # a telephone system asks at each call
        customer = customers.find(Identity.Kind.PHONE, number)
    else:
        customer = rights.open_by_identity(user, number)
    seen = Interaction.objects.visible_to(user)
    before = seen.filter(customer=customer) if customer else seen.none()
    expected = Callback.objects.filter(phone=number, interaction__status__in=_EXPECTED)
    return Caller(
        customer,
        list(before.select_related("subject")[:3]),
        expected.select_related("interaction").first(),
    )


@transaction.atomic
def log(
    agent: Agent,
    *,
    phone: str,
    text: str,
    subject: Subject | None = None,
    name: str = "",
    seconds: int = 0,
    outcome: str = Outcome.SOLVED,
    next_step: interactions.Next | None = None,
    language: str = "",
    key: str = "",
    at: datetime | None = None,
) -> Callback:
    """Write down a call that ended at `at`. `key` is the telephone system's own: twice is once.

    Somebody who waits for our call and calls first is no longer waited for. Raises
    customers.BadIdentity when the number is none (an empty one is a hidden number), and
    interactions.NotSaid when something is promised without `next_step`."""
    at = at or clock.now()
    if key and (known := Callback.objects.filter(call_key=key).first()):
        return known
    text = wording.masked(text)
    number = customers.normalise(Identity.Kind.PHONE, phone) if phone else ""
    customer = _customer(number, name, language or settings.LANGUAGE_CODE)
    language = language or customer.language
    began = at - timedelta(seconds=max(0, seconds))
    interaction = interactions.open(
        "callback",
        customer,
        subject=subject,
        title=text[:120] or (subject.name_in(language) if subject else _("Call")),
        language=language,
        origin=Interaction.Origin.STAFF,
        status=Status.PENDING,
        offered=False,
        at=began,
    )
    callback = Callback.objects.create(
        interaction=interaction,
        direction=Callback.Direction.INBOUND,
        phone=number,
        asked_text=text,
        promised_at=began,
        attempts_made=1,
        number_confirmed=bool(number),
        call_key=key or None,
        created_at=began,
    )
    CallbackAttempt.objects.create(
        callback=callback,
        agent=agent,
        outcome=CallbackAttempt.Outcome.REACHED,
        promised_at=began,
        promised_until=began + PROMPT,
        started_at=began,
        ended_at=at,
    )
    _written(interaction, agent, text, began, at)
    interactions.close(interaction, by=agent, outcome=outcome, next_step=next_step, at=at)
    _no_longer_waited_for(number, interaction)
    return callback


def _customer(number: str, name: str, language: str) -> Customer:
    """By number; a hidden one is somebody new, whom a merge may find later."""
    if number:
        return customers.identify(
            Identity.Kind.PHONE, number, name=name, source="call", language=language
        )
    first, last = customers.split_name(name)
    return Customer.objects.create(first_name=first, last_name=last, language=language)


def _written(
    interaction: Interaction, agent: Agent, text: str, began: datetime, at: datetime
) -> None:
    """The call's work, its times and its line, as if it had been led on the desk."""
    if text:
        posting.post(
            interaction,
            author=Message.Author.AGENT,
            agent=agent,
            kind=Message.Kind.NOTE,
            text=text,
            at=at,
        )
    if at > began:
        WorkSegment.objects.create(
            agent=agent,
            interaction=interaction,
            kind=WorkSegment.Kind.CALL,
            since=began,
            until=at,
        )
    Interaction.objects.filter(pk=interaction.pk).update(
        agent=agent,
        offered_at=began,
        assigned_at=began,
        first_customer_at=began,
        first_answer_at=began,
        last_customer_at=at,
        last_agent_at=at,
    )
    interaction.refresh_from_db()


def _no_longer_waited_for(number: str, call: Interaction) -> None:
    """Their open callback, unless somebody is dialling it at this moment."""
    if not number:
        return
    waiting = Interaction.objects.filter(callback__phone=number, status__in=_EXPECTED).exclude(
        pk=call.pk
    )
    for other in waiting:
        interactions.close(other, outcome=Outcome.HANDED_ON)
        Interaction.objects.filter(pk=call.pk).update(continues=other)
