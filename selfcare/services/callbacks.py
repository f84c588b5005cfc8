"""Asking for a call, moving it, cancelling it: what the customer does alone."""

from datetime import datetime

import phonenumbers
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from crm import clock
from crm.models import Customer, Identity, Interaction, Queue, Status, Subject, Visit
from crm.services import blocks, customers, interactions, routing
from selfcare.models import Callback
from selfcare.services import call_rules, promises, slots

_CALLABLE = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
}


class Refused(Exception):
    """A promise we cannot make; `str()` says why in the customer's words."""


class BadNumber(Refused):
    """Not a number we can call."""


class SlotTaken(Refused):
    """Somebody was faster, or the slot is past; `alternatives` are free."""

    def __init__(self, message: str, alternatives: list[slots.Slot]) -> None:
        super().__init__(message)
        self.alternatives = alternatives


class AlreadyAsked(Refused):
    """There is an open callback for this number; nobody else learns more than that."""


class NotOpen(Refused):
    """Nobody can call now; a slot is needed."""


class TooLate(Refused):
    """The call is under way or over: it cannot be changed any more."""


def check_number(text: str, queue: Queue | None) -> str:
    """The number in E.164, if that queue calls it. Raises BadNumber with the reason in words."""
    try:
        number = phonenumbers.parse(text, settings.DEFAULT_PHONE_REGION)
    except phonenumbers.NumberParseException as error:
        raise BadNumber(_("This does not look like a phone number.")) from error
    if not phonenumbers.is_valid_number(number):
        raise BadNumber(_("This number does not exist. Please check its digits."))
    if not call_rules.of(queue).reaches(phonenumbers.region_code_for_number(number)):
        raise BadNumber(_("We cannot call numbers abroad. Please write to us instead."))
    if phonenumbers.number_type(number) not in _CALLABLE:
        raise BadNumber(_("We cannot call special-rate numbers. Please give a personal number."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@transaction.atomic
def caller(*, phone: str, mail: str, name: str, language: str) -> Customer:
    """Whose call it is, by what the form says. Both are claims: nothing becomes verified by them.

    A mail address is one person's, a landline a household's: the address decides first. A record
    that exists learns nothing from a form that anybody can fill in."""
    claims = [customers.Claim(Identity.Kind.MAIL, mail)] if mail else []
    claims.append(customers.Claim(Identity.Kind.PHONE, phone))
    try:
        return customers.recognise(claims, name=name, source="callback", language=language)
    except customers.BadIdentity as error:
        raise Refused(_("This email address does not look right.")) from error


@transaction.atomic
def request(
    customer: Customer,
    *,
    phone: str,
    subject: Subject,
    slot: datetime | None = None,
    zone: str = "",
    asked_text: str = "",
    mail: str = "",
    language: str = "fr",
    visit: Visit | None = None,
    device: str = "",
    origin: str = Interaction.Origin.FORM,
    continues: Interaction | None = None,
    at: datetime | None = None,
) -> Callback:
    """Promise a call in the slot that begins at `slot`, or as soon as possible when None.

    `zone`: where the customer is, when they say it; else what their record says.
    Raises BadNumber, AlreadyAsked, SlotTaken, NotOpen."""
    at = at or clock.now()
    phone = check_number(phone, subject.queue)
    _one_per_number(phone)
    zone = zone or zone_of(phone) or customer.time_zone
    if origin == Interaction.Origin.FORM:
        _refuse_blocked(customer)
    when = _promise(subject, slot, at=at, zone=zone, language=language)
    interaction = interactions.open(
        "callback",
        customer,
        subject=subject,
        queue=subject.queue_at(when.start if when else at),
        title=asked_text[:120] or subject.name_in(language),
        language=language,
        origin=origin,
        visit=visit,
        device=device,
        status=Status.PENDING if when else Status.WAITING,
        wake_at=when.start if when else None,
        continues=continues,
        at=at,
    )
    callback = Callback.objects.create(
        interaction=interaction,
        phone=phone,
        mail=mail,
        asked_text=asked_text,
        time_zone=zone,
        slot_start=when.start if when else None,
        slot_end=when.end if when else None,
        promised_at=when.start if when else at,
        created_at=at,
    )
    promises.note(callback, "callback_asked", promise=promises.in_words(callback), text=asked_text)
    promises.tell(callback, "confirmed")
    return callback


def _refuse_blocked(customer: Customer) -> None:
    try:
        blocks.refuse(customer)
    except blocks.Blocked as refusal:
        raise Refused(str(refusal)) from None


def zone_of(phone: str) -> str:
    """The one time zone of a number from outside mainland France; else ""."""
    zones = time_zones_for_number(phonenumbers.parse(phone, settings.DEFAULT_PHONE_REGION))
    elsewhere = len(zones) == 1 and zones[0] != settings.TIME_ZONE and "/" in zones[0]
    return str(zones[0]) if elsewhere and zones[0] != UNKNOWN_TIMEZONE else ""


def _one_per_number(phone: str) -> None:
    """The rule spans two tables, so it is checked under a lock that only this number takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"callback:{phone}"])
    if Callback.objects.filter(phone=phone).exclude(interaction__status=Status.CLOSED).exists():
        raise AlreadyAsked(
            _(
                "A call to this number is already planned. "
                "The link in its confirmation moves or cancels it."
            )
        )


def _promise(
    subject: Subject, start: datetime | None, *, at: datetime, zone: str, language: str
) -> slots.Slot | None:
    """The slot asked for, held until commit; None for "now". Raises SlotTaken, NotOpen."""
    if start is None:
        routing.one_by_one(subject.queue_at(at))
        if not slots.may_call_now(subject, at=at, zone=zone, language=language):
            raise NotOpen(_("Nobody can call right now. Please choose a time."))
        return None
    if queue := subject.queue_at(start):
        # promises of one queue are made one after the other; the weaker lock lets everybody
        # else go on opening interactions that point to the queue
        Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    slot = slots.find(subject, start, at=at, zone=zone)
    if slot is None or not slot.places:
        raise SlotTaken(
            _("This time has just been taken. These are still free."),
            slots.near(subject, start, at=at, zone=zone),
        )
    return slot


@transaction.atomic
def move(callback_id: int, slot: datetime | None, *, at: datetime | None = None) -> Callback:
    """Promise another time instead. Raises TooLate, SlotTaken, NotOpen."""
    at = at or clock.now()
    callback = _changeable(callback_id)
    interaction = callback.interaction
    if interaction.subject is None:
        raise TooLate(_("This call cannot be moved. You can cancel it."))
    if slot is not None and slot == callback.slot_start:
        return callback
    when = _promise(
        interaction.subject, slot, at=at, zone=callback.time_zone, language=interaction.language
    )
    renew(callback, due=when.start if when else at, slot=when)
    interaction.queue = interaction.subject.queue_at(callback.promised_at)
    interaction.save(update_fields=["queue"])
    # "now" wakes with the next run of the kernel's sweep, like any other due one
    interactions.snooze(interaction, by=None, until=callback.promised_at, give_back=True)
    promises.note(callback, "callback_moved", promise=promises.in_words(callback))
    promises.tell(callback, "confirmed")
    return callback


@transaction.atomic
def cancel(callback_id: int, *, at: datetime | None = None) -> Callback:
    """The customer does not want it any more; twice changes nothing. Raises TooLate."""
    at = at or clock.now()
    callback = _locked(callback_id)
    interaction = callback.interaction
    if interaction.status == Status.CLOSED:
        if interaction.outcome == Interaction.Outcome.CANCELLED:
            return callback
        raise TooLate(_("This call is over."))
    _refuse_running(callback)
    interactions.close(interaction, outcome=Interaction.Outcome.CANCELLED, at=at)
    promises.tell(callback, "cancelled")
    callback.interaction.refresh_from_db()
    return callback


def _locked(callback_id: int) -> Callback:
    """The callback with its interaction locked: whatever changes it comes one after the other."""
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=callback_id)
    callback = Callback.objects.select_for_update(of=("self",)).get(pk=callback_id)
    callback.interaction = interaction
    return callback


def _changeable(callback_id: int) -> Callback:
    callback = _locked(callback_id)
    if callback.interaction.status == Status.CLOSED:
        raise TooLate(_("This call is over."))
    _refuse_running(callback)
    return callback


def _refuse_running(callback: Callback) -> None:
    if callback.interaction.status == Status.ACTIVE:
        raise TooLate(_("An adviser is about to call you: this cannot be changed any more."))


def renew(callback: Callback, *, due: datetime, slot: slots.Slot | None = None) -> None:
    """The present promise, replaced by another."""
    callback.promised_at = due
    callback.slot_start = slot.start if slot else None
    callback.slot_end = slot.end if slot else None
    callback.promise_number += 1
    callback.save(update_fields=["promised_at", "slot_start", "slot_end", "promise_number"])
