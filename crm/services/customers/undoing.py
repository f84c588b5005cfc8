"""A merge taken back, also long after: who gets what, said before it is done.

What came with a record goes back with it. What happened since goes to the side whose address it
came from, as far as that can be told, and stays otherwise; people may decide otherwise for each
exchange, each note, and each visit that led to no exchange. A field returns to what it was unless
somebody changed it since.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
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
    PrivacyRequest,
    User,
    Visit,
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
    """Something since the merge, whose it is proposed to be, and why."""

    belonging: Belonging
    row: Any
    side: str
    why: str

    @property
    def name(self) -> str:
        """As `undo` takes it: "notes.42"."""
        return f"{self.belonging.name}.{self.row.pk}"

    @property
    def what(self) -> str:
        """For the one who decides."""
        assert self.belonging.reads is not None  # noqa: S101 (others are never proposed)
        return self.belonging.reads(self.row)


@dataclass(frozen=True)
class Plan:
    """What undoing would do."""

    merge: Merge
    back: list[Count]
    later: list[Later]
    # labels of fields that return to what they were, and of those changed since, which stay
    restored: list[str]
    changed_since: list[str]
    # made since on the merged record, and nobody's to decide: they stay there
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
            if not (one.interaction or one.reads) and (count := _since(one, merge).count())
        ],
    )


@transaction.atomic
def undo(merge: Merge, *, by: User | None, sides: Mapping[str, str] | None = None) -> Merge:
    """Two records again. `sides`: `Later.name` → "kept" or "gone", where people decide otherwise
    than `plan` proposes. Raises NotUndoable."""
    locked(merge.kept_id, merge.gone_id)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _check(merge)
    kept, gone = merge.kept, merge.gone
    later = _later(merge)
    chosen = {one.name: one.side for one in later}
    if set(sides or {}) - set(chosen) or set((sides or {}).values()) - {KEPT, GONE}:
        raise NotUndoable(_("This names something that is not in question."))
    chosen |= sides or {}
    leaving: dict[str, list[int]] = defaultdict(list)
    for one in later:
        if chosen[one.name] == GONE:
            leaving[one.belonging.name].append(one.row.pk)
    for belonging in registry.belongings():
        came = _came(belonging, merge).values_list("pk", flat=True)
        along = _with_exchange(belonging, merge, leaving[_INTERACTIONS])
        keys = [*came, *leaving[belonging.name], *along]
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
    erasures = PrivacyRequest.objects.filter(customer=merge.kept_id).erasures()
    if erasures.filter(state=PrivacyRequest.State.RUNNING).exists():
        raise NotUndoable(_("%(name)s is being erased.") % {"name": merge.kept})
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
    times = [name for name in ("created_at", "at", "started_at", "opened_at") if name in known]
    if not times:
        return rows.none()
    apart = [*merge.moved.get(belonging.name, []), *merge.made.get(belonging.name, [])]
    return rows.filter(**{f"{times[0]}__gt": merge.at}).exclude(pk__in=apart)


def _later(merge: Merge) -> list[Later]:
    """What people may decide: the exchanges since, then the other tables' rows of no exchange."""
    exchanges = list(
        _since(_named(Interaction), merge).select_related("visit", "subject").order_by("pk")
    )
    found = _Origins.of(merge, exchanges)
    later = [Later(_named(Interaction), row, *found.of_exchange(row)) for row in exchanges]
    for belonging in registry.belongings():
        if belonging.reads and not belonging.interaction:
            rows = _since(belonging, merge).order_by("pk")
            if belonging.model is Visit:
                rows = rows.exclude(interactions__in=exchanges)
            later += [Later(belonging, row, *found.of_other(row)) for row in rows]
    return later


@dataclass(frozen=True)
class _Origins:
    """What tells from which of the two something came."""

    # the addresses and the visits that came with the other record
    addresses: set[tuple[str, str]]
    visits: set[int]
    # of each exchange since: the addresses it was written from
    senders: Mapping[int, Collection[tuple[str, str]]]

    @classmethod
    def of(cls, merge: Merge, exchanges: Sequence[Interaction]) -> "_Origins":
        came = Identity.objects.filter(pk__in=merge.moved.get(_IDENTITIES, []))
        return cls(
            set(came.values_list("kind", "value")),
            set(merge.moved.get(_VISITS, [])),
            registry.senders([row.pk for row in exchanges]),
        )

    def of_exchange(self, row: Interaction) -> tuple[str, str]:
        """(side, why)"""
        senders = set(self.senders.get(row.pk, ()))
        if known := self.addresses & senders:
            return GONE, _("it came from %(address)s") % {"address": min(known)[1]}
        if row.visit and self._in_their_browser(row.visit):
            return GONE, _("it came from %(address)s") % {"address": _("their browser")}
        if row.visit_id in self.visits:
            return GONE, _("it began in one of their visits")
        if senders:
            return KEPT, _("it came from %(address)s") % {"address": min(senders)[1]}
        return KEPT, _("nothing says from which address it came")

    def of_other(self, row: Any) -> tuple[str, str]:
        """(side, why)"""
        if isinstance(row, Visit):
            if self._in_their_browser(row):
                return GONE, _("it came from %(address)s") % {"address": _("their browser")}
            return KEPT, _("nothing says whose browser it was")
        return KEPT, _("nothing says whom it is about")

    def _in_their_browser(self, visit: Visit) -> bool:
        return (Identity.Kind.VISITOR, visit.key) in self.addresses


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
    for consent in _since(_named(Consent), merge).order_by("at"):
        if not consent.granted:
            Consent.objects.create(
                customer=merge.gone,
                purpose=consent.purpose,
                granted=False,
                source=consent.source,
                at=consent.at,
            )


def _named(model: type[Model]) -> Belonging:
    return next(one for one in registry.belongings() if one.model is model)


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
