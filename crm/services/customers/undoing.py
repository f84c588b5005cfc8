"""A merge taken back, also long after: who gets what, said before it is done.

What came with a record goes back with it. What happened since goes to the side whose address it
came from, as far as that can be told, and stays otherwise; people may decide otherwise for each
exchange. A field returns to what it was unless somebody changed it since.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import (
    AuditEntry,
    Consent,
    Customer,
    Identity,
    Interaction,
    Merge,
    MergeSuggestion,
    User,
)
from crm.registry import Belonging
from crm.services import audit

from . import merge_fields
from .merge_fields import GONE, KEPT
from .merging import Count, locked

_INTERACTIONS, _VISITS, _IDENTITIES = "interactions", "visits", "identities"


class NotUndoable(Exception):
    """It was undone already, or something that happened since stands in the way: said in words."""


@dataclass(frozen=True)
class Later:
    """An exchange since the merge, whose it is proposed to be, and why."""

    interaction: Interaction
    side: str
    why: str


@dataclass(frozen=True)
class Plan:
    """What undoing would do."""

    merge: Merge
    back: list[Count]
    later: list[Later]
    # labels of fields that return to what they were, and of those changed since, which stay
    restored: list[str]
    changed_since: list[str]
    # made since on the merged record, and of no exchange: they stay there
    stays: list[Count]


def plan(merge: Merge) -> Plan:
    """Who would get what, as things are now. Raises NotUndoable."""
    merge = Merge.objects.select_related("kept", "gone").get(pk=merge.pk)
    _check(merge)
    later = _later(merge)
    labels = merge_fields.labels()
    restored, changed = _fields(merge)
    return Plan(
        merge,
        [
            Count(str(one.label), count)
            for one in registry.belongings()
            if (count := _came(one, merge).count())
        ],
        later,
        [labels.get(name, name) for name in restored],
        [labels.get(name, name) for name in changed],
        [
            Count(str(one.label), count)
            for one in registry.belongings()
            if not one.interaction and (count := _since(one, merge).count())
        ],
    )


@transaction.atomic
def undo(merge: Merge, *, by: User | None, sides: Mapping[int, str] | None = None) -> Merge:
    """Two records again. `sides`: interaction → "kept" or "gone", where people decide otherwise
    than `plan` proposes. Raises NotUndoable."""
    locked(merge.kept_id, merge.gone_id)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _check(merge)
    kept, gone = merge.kept, merge.gone
    chosen = {one.interaction.pk: one.side for one in _later(merge)}
    if set(sides or {}) - set(chosen) or set((sides or {}).values()) - {KEPT, GONE}:
        raise NotUndoable(_("This names an exchange that is not in question."))
    chosen |= sides or {}
    leaving = [key for key, side in chosen.items() if side == GONE]
    for belonging in registry.belongings():
        came = _came(belonging, merge).values_list("pk", flat=True)
        keys = [*came, *_with_exchange(belonging, merge, leaving)]
        rows = belonging.model._base_manager.filter(pk__in=keys)
        rows.update(**{belonging.field: gone})
    Consent.objects.filter(pk__in=merge.made.get("consents", [])).delete()
    _object_for_both(merge)
    _restore(merge, kept, gone)
    _set_aside(merge, by)
    audit.record(
        AuditEntry.Verb.UNMERGED,
        model="crm.customer",
        object_id=gone.pk,
        customer_id=kept.pk,
        actor_id=by.pk if by else None,
    )
    merge.undone_at, merge.undone_by = clock.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def _check(merge: Merge) -> None:
    if merge.undone_at is not None:
        raise NotUndoable(_("This merge was undone already."))
    if merge.kept.merged_into_id is not None:
        raise NotUndoable(
            _("%(name)s was itself merged since. Undo that merge first.") % {"name": merge.kept}
        )


def _came(belonging: Belonging, merge: Merge) -> Any:
    """What came with the other record and is still here."""
    keys = merge.moved.get(belonging.name, [])
    rows = belonging.model._base_manager
    return rows.filter(pk__in=keys, **{belonging.field: merge.kept_id})


def _since(belonging: Belonging, merge: Merge) -> Any:
    """What was made since, by the model's own time; nothing for tables that keep none."""
    rows = belonging.model._base_manager.filter(**{belonging.field: merge.kept_id})
    known = {field.name for field in belonging.model._meta.concrete_fields}
    times = [name for name in ("created_at", "at", "started_at") if name in known]
    if not times:
        return rows.none()
    apart = [*merge.moved.get(belonging.name, []), *merge.made.get(belonging.name, [])]
    return rows.filter(**{f"{times[0]}__gt": merge.at}).exclude(pk__in=apart)


def _later(merge: Merge) -> list[Later]:
    """The exchanges since, each with the side it is proposed for."""
    came = merge.moved.get(_INTERACTIONS, [])
    rows = list(
        Interaction.objects.filter(customer=merge.kept_id, opened_at__gt=merge.at)
        .exclude(pk__in=came)
        .select_related("visit")
        .order_by("pk")
    )
    senders = registry.senders([row.pk for row in rows])
    theirs = set(
        Identity.objects.filter(pk__in=merge.moved.get(_IDENTITIES, [])).values_list(
            "kind", "value"
        )
    )
    visits = set(merge.moved.get(_VISITS, []))
    return [_side(row, senders.get(row.pk, set()), theirs, visits, merge) for row in rows]


def _side(
    row: Interaction,
    senders: Collection[tuple[str, str]],
    theirs: set[tuple[str, str]],
    visits: set[int],
    merge: Merge,
) -> Later:
    visitor = (Identity.Kind.VISITOR, row.visit.key if row.visit else "")
    if used := theirs & {*senders, visitor}:
        _kind, value = min(used)
        shown = _("their browser") if used == {visitor} else value
        return Later(row, GONE, _("it came from %(address)s") % {"address": shown})
    if row.visit_id in visits:
        return Later(row, GONE, _("it began in one of their visits"))
    if senders:
        value = min(senders)[1]
        return Later(row, KEPT, _("it came from %(address)s") % {"address": value})
    return Later(row, KEPT, _("nothing says from which address it came"))


def _with_exchange(belonging: Belonging, merge: Merge, leaving: list[int]) -> list[int]:
    """Later rows that go where their exchange goes; a visit goes with the exchange it led to."""
    rows = belonging.model._base_manager.filter(**{belonging.field: merge.kept_id})
    if belonging.name == _VISITS:
        rows = rows.filter(interactions__in=leaving)
    elif belonging.interaction:
        rows = rows.filter(**{f"{belonging.interaction}__in": leaving})
    else:
        return []
    return list(rows.values_list("pk", flat=True).distinct())


def _object_for_both(merge: Merge) -> None:
    """A no that was said since counts for both: we cannot know for which of them it was said."""
    for consent in _since(_consents(), merge).order_by("at"):
        if not consent.granted:
            Consent.objects.create(
                customer=merge.gone,
                purpose=consent.purpose,
                granted=False,
                source=consent.source,
                at=consent.at,
            )


def _consents() -> Belonging:
    return next(one for one in registry.belongings() if one.model is Consent)


def _fields(merge: Merge) -> tuple[list[str], list[str]]:
    """(fields that return to what they were, fields that somebody changed since)."""
    now = merge_fields.values(merge.kept)
    names = [n for n in merge.after if merge.after[n] != merge.before.get(n)]
    restored = [name for name in names if now.get(name) == merge.after[name]]
    return restored, [name for name in names if name not in restored]


def _restore(merge: Merge, kept: Customer, gone: Customer) -> None:
    restored, _changed = _fields(merge)
    merge_fields.write(kept, {name: merge.before.get(name) for name in restored})
    kept.save()
    account = merge.before.get("gone.user")
    free = account and not Customer.all_rows.filter(user=account).exists()
    gone.user_id = account if free and User.objects.filter(pk=account).exists() else None
    gone.merged_into = None
    gone.save(update_fields=["user", "merged_into"])


def _set_aside(merge: Merge, by: User | None) -> None:
    """The pair was looked at: known reasons do not suggest it again."""
    elder, younger = sorted([merge.kept_id, merge.gone_id])
    row, _made = MergeSuggestion.objects.get_or_create(elder_id=elder, younger_id=younger)
    row.dismissed_at, row.dismissed_by = clock.now(), by
    row.save(update_fields=["dismissed_at", "dismissed_by"])
