"""What began elsewhere goes on by phone: now, or in a slot."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Identity, Interaction, Subject
from crm.registry import CannotGoOn, When
from crm.services import customers
from crm.text import excerpt
from selfcare.services import callbacks, promises, slots, words

_DAYS = 3


def addresses(row: Interaction) -> list[str]:
    phones = row.customer.identities.filter(kind=Identity.Kind.PHONE)
    first = customers.phone_number(row.customer)
    return sorted(phones.values_list("value", flat=True), key=lambda value: value != first)


def moments(row: Interaction, subject: Subject) -> list[When]:
    """As soon as possible while somebody is there, then the free slots of the next days."""
    at, zone = clock.now(), row.customer.time_zone
    found = []
    if slots.may_call_now(subject, at=at, zone=zone, language=row.language):
        found.append(When(None, _("as soon as possible")))
    language = translation.get_language() or row.language
    for _day, free in slots.free_days(subject, at=at, zone=zone, limit=_DAYS):
        found += [
            When(slot.start, words.stretch(slot.start, slot.end, language, zone)) for slot in free
        ]
    return found


def open(
    row: Interaction, subject: Subject | None, address: str, moment: datetime | None, said: str
) -> tuple[Interaction, str]:
    if subject is None:
        raise CannotGoOn(_("Choose a subject: it says when somebody can call."))
    try:
        callback = callbacks.request(
            row.customer,
            phone=address,
            subject=subject,
            slot=moment,
            asked_text=excerpt(said),
            mail=customers.mail_address(row.customer) or "",
            language=row.language,
            visit=row.visit,
            device=row.device,
            origin=Interaction.Origin.STAFF,
            continues=row,
        )
    except callbacks.Refused as refusal:
        raise CannotGoOn(str(refusal)) from refusal
    with translation.override(row.language):
        told = _("We call you back: %(promise)s (no. %(reference)s).") % {
            "promise": promises.in_words(callback),
            "reference": callback.interaction.reference,
        }
    return callback.interaction, told
