"""What persons ask for, each with its due date; and the two that are done at once."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import clock
from crm.models import Consent, Customer, Interaction, PrivacyRequest, Status, Visit

from .holds import OnHold, is_held

Kind, State = PrivacyRequest.Kind, PrivacyRequest.State
ERASING = (Kind.ERASE, Kind.DELETE)


class OpenWork(Exception):
    """Exchanges are still open: they are closed before their person is erased."""


def one_month_after(at: datetime) -> datetime:
    """The same day of the next month, or its last: article 12 (3)."""
    year, month = (at.year + at.month // 12, at.month % 12 + 1)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month)


@transaction.atomic
def ask(customer: Customer, kind: str) -> PrivacyRequest:
    """What the person asks for on the portal: it waits for a colleague until its due date, an
    erasure too. Asked again, it is the same request."""
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    known = customer.privacy_requests.filter(kind=kind, state__in=[State.OPEN, State.RUNNING])
    if found := known.first():
        return found
    return _write_down(customer, kind, clock.now())


def _write_down(customer: Customer, kind: str, at: datetime, **more: Any) -> PrivacyRequest:
    return PrivacyRequest.objects.create(
        kind=kind,
        customer=customer,
        customer_number=customer.pk,
        received_at=at,
        due_at=one_month_after(at),
        **more,
    )


def _begin(request: PrivacyRequest, kind: str, by: Any) -> PrivacyRequest:
    """An erasure that the person asked for, and a colleague begins, in the way they chose."""
    if request.state == State.OPEN:
        request.kind, request.state, request.taken_by = kind, State.RUNNING, by
        request.total = Interaction.objects.filter(customer=request.customer).count()
        assert request.customer_id  # noqa: S101 (it is open)
        request.customer_number = request.customer_id  # another, where records were merged since
        request.save(update_fields=["kind", "state", "taken_by", "total", "customer_number"])
    return request


@transaction.atomic
def open_request(
    customer: Customer, kind: str, *, by: Any, received_at: datetime | None = None
) -> PrivacyRequest:
    """Write down what was asked. An erasure begins with the next run of the task.

    Raises OnHold or OpenWork when it may not be erased now."""
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if kind in ERASING:
        if is_held(customer):
            raise OnHold
        if Interaction.objects.filter(customer=customer).exclude(status=Status.CLOSED).exists():
            raise OpenWork
        if asked := customer.privacy_requests.erasures().first():
            return _begin(asked, kind, by)
    return _write_down(
        customer,
        kind,
        received_at or clock.now(),
        taken_by=by,
        state=State.RUNNING if kind in ERASING else State.OPEN,
        total=customer.interactions.count() if kind in ERASING else 0,
    )


def settle(request: PrivacyRequest) -> None:
    """Answered: the copy is handed over, the record is put right. An erasure is done, not said."""
    PrivacyRequest.objects.filter(pk=request.pk, state=State.OPEN).exclude(kind__in=ERASING).update(
        state=State.DONE, done_at=clock.now()
    )


def refuse(request: PrivacyRequest, reason: str) -> None:
    """Not done, and why; a running erasure is past that."""
    PrivacyRequest.objects.filter(pk=request.pk, state=State.OPEN).update(
        state=State.REFUSED, done_at=clock.now(), reason=reason[:300]
    )


@transaction.atomic
def object_to(customer: Customer, purpose: str, *, by: Any, source: str = "staff") -> None:
    """No survey from now on, or no visit that is theirs: what was read so far is nobody's too, and
    still counted. Written down as a request that is done already."""
    if objects_to(customer, purpose):
        return
    _say(customer, purpose, granted=False, source=source)
    if purpose == Consent.Purpose.MEMORY:
        Visit.objects.filter(customer=customer).update(customer=None)
    settle(open_request(customer, Kind.OBJECT, by=by))


@transaction.atomic
def take_back_objection(customer: Customer, purpose: str, *, source: str = "staff") -> None:
    if objects_to(customer, purpose):
        _say(customer, purpose, granted=True, source=source)


def objects_to(customer: Customer, purpose: str) -> bool:
    return Consent.objects.last_word(customer, purpose) is False


def _say(customer: Customer, purpose: str, *, granted: bool, source: str) -> None:
    Consent.objects.create(
        customer=customer,
        purpose=purpose,
        granted=granted,
        source=source,
        at=clock.now(),
    )
