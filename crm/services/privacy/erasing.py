"""Erasing a person: their exchanges stay, with times, codes and scores, under a random number.

A request is worked off in batches, a transaction each, so that it can stop anywhere and go on. What
was handled belongs to the tombstone already; what still belongs to the person is still to do."""

import secrets
from datetime import UTC, datetime

from django.db import transaction

from crm import clock, registry
from crm.models import Customer, Interaction, InteractionFact, LegalHold, PrivacyRequest, User
from crm.services import audit

from . import facts, sessions
from .holds import is_held

BATCH = 200
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # the same for all
Kind, State = PrivacyRequest.Kind, PrivacyRequest.State


def erase_due(batches: int = 50) -> int:
    """Go on with whatever erasure is running. How many batches were done."""
    done = 0
    running = PrivacyRequest.objects.filter(state=State.RUNNING, kind__in=[Kind.ERASE, Kind.DELETE])
    for key in list(running.order_by("pk").values_list("pk", flat=True)):
        while done < batches and advance(key):
            done += 1
    return done


@transaction.atomic
def advance(request_id: int) -> bool:
    """One batch of one request; False when it is over, held, or somebody else's just now."""
    request = (
        PrivacyRequest.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=request_id, state=State.RUNNING)
        .first()
    )
    if request is None:
        return False
    customer = Customer.all_rows.filter(pk=request.customer_number).first()
    if customer is None or is_held(customer):
        return False
    with audit.acting(request.taken_by_id, "task"):
        people = _with_merged(customer)
        if request.handled == 0:
            for one in people:
                facts.keep(one)
        keys = list(
            Interaction.objects.select_for_update(of=("self",))
            .filter(customer__in=people)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if keys:
            _take(request, people, keys)
        else:
            _finish(request, people)
    return bool(keys)


def _with_merged(customer: Customer) -> list[Customer]:
    """The record and those that became part of it, and of those; what is deleted first is last."""
    people = found = [customer]
    while found := list(Customer.all_rows.filter(merged_into__in=found)):
        people = people + found
    return people


def _take(request: PrivacyRequest, people: list[Customer], keys: list[int]) -> None:
    for part in registry.personal_parts():
        part.erase(keys)
    InteractionFact.objects.filter(interaction__in=keys).update(
        words_gone_at=_NO_TIME, link_gone_at=_NO_TIME
    )
    if request.kind == Kind.DELETE:
        facts.keep_asking(keys)
        Interaction.objects.filter(pk__in=keys).update(continues=None, visit=None)
        for key in keys:
            _move(people, [key], _tombstone())
    else:
        stone = Customer.all_rows.filter(pk=request.tombstone or 0).first() or _tombstone()
        request.tombstone = stone.pk
        _move(people, keys, stone)
    request.handled += len(keys)
    request.save(update_fields=["handled", "tombstone"])


def _move(people: list[Customer], keys: list[int], stone: Customer) -> None:
    """Whatever belongs to these exchanges and names the person names the stone now."""
    for belonging in registry.belongings():
        if belonging.interaction:
            rows = belonging.model._base_manager.filter(
                **{f"{belonging.field}__in": people, f"{belonging.interaction}__in": keys}
            )
            rows.update(**{belonging.field: stone})


def _tombstone() -> Customer:
    """A record of nobody. Its number is drawn, and the audit trail does not see it come: nothing
    tells who, when, or with which others."""
    return Customer.all_rows.create(
        pk=2**40 + secrets.randbelow(2**52), created_at=_NO_TIME, erased_at=_NO_TIME
    )


def _finish(request: PrivacyRequest, people: list[Customer]) -> None:
    for part in registry.personal_parts():
        if part.erase_person:
            part.erase_person(people)
    users = [one.user_id for one in people if one.user_id]
    LegalHold.objects.filter(customer__in=people).delete()
    for one in reversed(people):  # the merged ones first
        key = one.pk
        Customer.all_rows.filter(pk=key).update(merged_into=None)
        Customer.all_rows.get(pk=key).delete()
        audit.empty_values(customer_id=key)
    sessions.forget(users)
    User.objects.filter(pk__in=users, is_staff=False).delete()
    audit.empty_values(model="crm.user", object_id__in=users)
    audit.record(
        audit.Verb.ERASED,
        model="crm.customer",
        object_id=request.customer_number,
        customer_id=request.customer_number,
        actor_id=request.taken_by_id,
    )
    PrivacyRequest.objects.filter(pk=request.pk).update(
        state=State.DONE, done_at=clock.now(), customer=None, tombstone=None
    )
