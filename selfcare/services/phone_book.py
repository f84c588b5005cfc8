"""Which numbers and actions stand beside a subject, and which numbers the law refuses there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Subject
from selfcare.models import Action, PhoneNumber, SubjectManners

Price = PhoneNumber.Price


class Refused(Exception):
    """The number may not serve these subjects; `str()` says why."""


@dataclass(frozen=True)
class Listed:
    """A number as a page shows it."""

    number: PhoneNumber
    is_open: bool
    opens_at: datetime | None


def check(number: PhoneNumber, subjects: Iterable[Subject]) -> None:
    """Raises Refused for a paid number where the customer already has a contract (France: Code de
    la consommation, L. 121-16 and L. 224-38)."""
    if number.price_kind != Price.PREMIUM:
        return
    presales = set(_presales())
    refused = [subject.name for subject in subjects if subject.pk not in presales]
    if refused:
        raise Refused(
            _(
                "A paid number is not allowed for after-sales, faults and complaints: %(subjects)s."
                " Take a free one, or mark these subjects as advice before a contract."
            )
            % {"subjects": ", ".join(refused)}
        )


def _presales() -> list[int]:
    found = SubjectManners.objects.filter(is_presales=True)
    return list(found.values_list("subject_id", flat=True))


@transaction.atomic
def save(number: PhoneNumber, subjects: Iterable[Subject]) -> PhoneNumber:
    """Store a number with what it serves. Raises Refused."""
    subjects = list(subjects)
    check(number, subjects)
    number.save()
    number.subjects.set(subjects)
    return number


def check_manners(manners: SubjectManners) -> None:
    """Raises Refused while a paid number still serves a subject that stops being pre-sales."""
    paid = PhoneNumber.objects.filter(price_kind=Price.PREMIUM, subjects=manners.subject_id)
    if not manners.is_presales and (number := paid.first()):
        raise Refused(
            _("The paid number %(number)s serves this subject: take it off first.")
            % {"number": number.dialled}
        )


def numbers(subject: Subject | None, at: datetime) -> list[Listed]:
    """The numbers of a subject, and no others: without a subject there is none."""
    if subject is None:
        return []
    rows = PhoneNumber.objects.filter(is_active=True, subjects=subject).select_related("schedule")
    allowed = [row for row in rows if row.price_kind != Price.PREMIUM]
    if len(allowed) < len(rows) and subject.pk in _presales():
        allowed = list(rows)
    return [
        Listed(
            row,
            row.schedule is None or row.schedule.is_open(at),
            None if row.schedule is None else row.schedule.next_opening(at),
        )
        for row in allowed
    ]


def actions(subject: Subject | None) -> list[Action]:
    if subject is None:
        return []
    return list(Action.objects.filter(is_active=True, subjects=subject))


def cancel_url(*subjects: Subject | None) -> str:
    """Where a contract is cancelled, when that is what one of these subjects is about."""
    about = [subject for subject in subjects if subject]
    if not about:
        return ""
    found = SubjectManners.objects.filter(subject__in=about).exclude(cancel_url="")
    return found.values_list("cancel_url", flat=True).first() or ""
