"""Two records of one person become one; nothing is lost, and it can be undone (undoing.py)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import AuditEntry, Consent, Customer, Merge, PrivacyRequest, User
from crm.registry import Belonging
from crm.services import audit

from . import merge_fields
from .merge_fields import Side

_STRAYS_AT_ONCE = 500


class NotMergeable(Exception):
    """It is one record, or one of them was merged or is erased: said in words."""


@dataclass(frozen=True)
class Count:
    """So many rows of a kind."""

    label: str
    count: int


@dataclass(frozen=True)
class Comparison:
    """What merging would do, before it is done."""

    kept: Customer
    gone: Customer
    fields: list[Side]
    moves: list[Count]
    # purposes to which one of them said no: the merged record says no
    stricter: list[str]
    two_accounts: bool


def current(customer: Customer) -> Customer:
    """The record that has everything of this one by now: itself, if it was never merged."""
    seen = {customer.pk}
    while customer.merged_into_id is not None and customer.merged_into_id not in seen:
        seen.add(customer.merged_into_id)
        customer = Customer.all_rows.get(pk=customer.merged_into_id)
    return customer


def compare(kept: Customer, gone: Customer) -> Comparison:
    """Side by side, for people to choose. Raises NotMergeable."""
    _check(kept, gone)
    moves = [
        Count(str(belonging.label), count)
        for belonging in registry.belongings()
        if (count := _movable(belonging, kept, gone).count())
    ]
    return Comparison(
        kept,
        gone,
        merge_fields.side_by_side(kept, gone),
        moves,
        [str(Consent.Purpose(code).label) for code in _stricter(kept, gone)],
        bool(kept.user_id and gone.user_id),
    )


@transaction.atomic
def merge(
    kept: Customer,
    gone: Customer,
    *,
    by: User | None,
    choices: Mapping[str, str] | None = None,
) -> Merge:
    """Everything of `gone` becomes `kept`'s; `gone` stays as an empty record that leads there.

    `choices`: field → "kept" or "gone", as `compare` names them. Consents: the stricter wins.
    Raises NotMergeable, BadChoice."""
    kept, gone = locked(kept.pk, gone.pk)
    _check(kept, gone)
    at = clock.now()
    before, result = merge_fields.values(kept), merge_fields.chosen(kept, gone, choices or {})
    stricter = _stricter(kept, gone)
    moved = {belonging.name: _move(belonging, kept, gone) for belonging in registry.belongings()}
    made = [
        Consent.objects.create(
            customer=kept, purpose=purpose, granted=False, source="merge", at=at
        ).pk
        for purpose in stricter
        if not _says_no(kept, purpose)
    ]
    before["gone.user"] = gone.user_id
    gone.user_id, gone.merged_into = None, kept
    gone.save(update_fields=["user", "merged_into"])
    merge_fields.write(kept, result)
    kept.save()
    audit.record(
        AuditEntry.Verb.MERGED,
        model="crm.customer",
        object_id=gone.pk,
        customer_id=kept.pk,
        fields=[name for name in result if result[name] != before.get(name)],
        actor_id=by.pk if by else None,
    )
    return Merge.objects.create(
        kept=kept, gone=gone, at=at, by=by, before=before, after=result,
        moved={name: keys for name, keys in moved.items() if keys},
        made={"consents": made} if made else {},
    )  # fmt: skip


def locked(one: int, other: int) -> tuple[Customer, Customer]:
    """Both rows, locked in the order of their keys: new exchanges, identities and visits of
    either wait until this transaction has ended. Raises NotMergeable."""
    rows = {
        row.pk: row
        for row in Customer.all_rows.select_for_update(of=("self",))
        .filter(pk__in=[one, other])
        .order_by("pk")
    }
    if len(rows) < 2:
        raise NotMergeable(_("This is one record already."))
    return rows[one], rows[other]


def _check(kept: Customer, gone: Customer) -> None:
    if kept.pk == gone.pk or kept.merged_into_id or gone.merged_into_id:
        raise NotMergeable(_("This is one record already."))
    erasures = PrivacyRequest.objects.filter(customer__in=[kept, gone]).erasures()
    states = list(erasures.values_list("state", flat=True))
    if kept.erased_at or gone.erased_at or PrivacyRequest.State.RUNNING in states:
        raise NotMergeable(_("One of them is erased, or is being erased."))
    if len(states) > 1:
        raise NotMergeable(_("Erasure was asked for by both: answer one of the requests first."))


def _movable(belonging: Belonging, kept: Customer, gone: Customer) -> QuerySet:
    rows = belonging.model._base_manager.filter(**{belonging.field: gone})
    if belonging.once_per:
        theirs = belonging.model._base_manager.filter(**{belonging.field: kept})
        rows = rows.exclude(**{f"{belonging.once_per}__in": theirs.values(belonging.once_per)})
    return rows


def _move(belonging: Belonging, kept: Customer, gone: Customer) -> list[int]:
    keys = list(_movable(belonging, kept, gone).order_by("pk").values_list("pk", flat=True))
    belonging.model._base_manager.filter(pk__in=keys).update(**{belonging.field: kept})
    return keys


def _stricter(kept: Customer, gone: Customer) -> list[str]:
    """The purposes to which either said no last."""
    return [
        purpose
        for purpose in Consent.Purpose.values
        if _says_no(kept, purpose) or _says_no(gone, purpose)
    ]


def _says_no(customer: Customer, purpose: str) -> bool:
    return Consent.objects.last_word(customer, purpose) is False


def collect_strays() -> int:
    """Rows that arrived on a record in the moment in which it was merged follow it. A sweep."""
    count = 0
    merged = Customer.all_rows.filter(merged_into__isnull=False)
    for belonging in registry.belongings():
        if belonging.once_per:
            continue
        strays = belonging.model._base_manager.filter(**{f"{belonging.field}__in": merged})
        keys = strays.values_list(belonging.field, flat=True).distinct()
        for key in list(keys[:_STRAYS_AT_ONCE]):
            count += _follow(belonging, key)
    return count


@transaction.atomic
def _follow(belonging: Belonging, gone_id: int) -> int:
    journal = (
        Merge.objects.select_for_update(of=("self",))
        .filter(gone=gone_id, undone_at=None)
        .select_related("kept", "gone")
        .first()
    )
    if journal is None:
        return 0
    keys = list(_movable(belonging, journal.kept, journal.gone).values_list("pk", flat=True))
    rows = belonging.model._base_manager.filter(pk__in=keys)
    rows.update(**{belonging.field: current(journal.gone)})
    journal.moved[belonging.name] = [*journal.moved.get(belonging.name, []), *keys]
    journal.save(update_fields=["moved"])
    return len(keys)
