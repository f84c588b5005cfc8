"""The tree of subjects changes, and nothing that was said of an exchange does.

Retired: nobody can choose it any more. Merged: figures and questions count it as another from then
on, whatever names it as a rule (sites, macros, articles, incidents…) names the other, and all of it
can be undone. Exchanges keep the subject they were given (docs/decisions.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.db.models import ForeignKey, QuerySet
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import AuditEntry, Subject, SubjectMerge, User
from crm.services import audit


class NotMergeable(Exception):
    """Said in words."""


class NotUndoable(Exception):
    """Said in words."""


@dataclass(frozen=True)
class Use:
    """So many rows of a kind name a subject. Those that `stay` are told, or the other one is named
    there already; the rest follows a merge."""

    label: str
    moves: int
    stay: int


@dataclass(frozen=True)
class _Column:
    """A column that names a subject."""

    field: "ForeignKey[Any, Any]"

    @property
    def name(self) -> str:
        return f"{self.field.model._meta.db_table}.{self.field.name}"

    @property
    def label(self) -> str:
        owner = self.field.model._meta.auto_created or self.field.model
        if owner is Subject:
            return _("subjects below it") if self.field.name == "parent" else _("merged into it")
        label = str(owner._meta.verbose_name_plural)  # type: ignore[union-attr]
        return f"{label} ({self.field.verbose_name})" if self.is_told else label

    @property
    def is_told(self) -> bool:
        return registry.tells_its_subject(self.field.model)

    def rows(self, subject: Subject) -> QuerySet[Any]:
        return self.field.model._base_manager.filter(**{self.field.name: subject})

    def movable(self, gone: Subject, kept: Subject) -> QuerySet[Any]:
        """But for those beside which the other one stands already."""
        rows, theirs = self.rows(gone), self.rows(kept)
        if self.is_told:
            return rows.none()
        if self.field.unique:
            return rows.none() if theirs.exists() else rows
        for names in self.field.model._meta.unique_together:
            if self.field.name in names:
                (other,) = set(names) - {self.field.name}
                rows = rows.exclude(**{f"{other}__in": theirs.values(other)})
        return rows


def _columns() -> Iterator[_Column]:
    for relation in Subject._meta.get_fields(include_hidden=True):
        points_here = relation.auto_created and not relation.concrete
        journal = relation.related_model is SubjectMerge
        if points_here and not relation.many_to_many and not journal:  # its rows stand in between
            yield _Column(cast("ForeignKey[Any, Any]", relation.remote_field))


def uses(gone: Subject, kept: Subject | None = None) -> list[Use]:
    """What names it; without `kept` all of it stays."""
    found = []
    for column in _columns():
        if count := column.rows(gone).count():
            follow = column.movable(gone, kept).count() if kept else 0
            found.append(Use(column.label, follow, count - follow))
    return found


def retire(subject: Subject) -> None:
    Subject.objects.filter(pk=subject.pk).update(is_active=False)


def take_up(subject: Subject) -> None:
    """It can be chosen again. Raises NotUndoable for a merged one: that is undone, not taken up."""
    if not Subject.objects.filter(pk=subject.pk, merged_into=None).update(is_active=True):
        raise NotUndoable(_("It counts as another one: undo the merge."))


def choices(gone: Subject) -> QuerySet[Subject]:
    """Into which it may be merged."""
    return Subject.objects.filter(is_active=True).exclude(pk__in=Subject.objects.branch(gone.pk))


def check(gone: Subject, kept: Subject) -> None:
    """Raises NotMergeable."""
    if gone.merged_into_id:
        raise NotMergeable(_("It counts as another one already: undo that first."))
    if gone.pk == kept.pk:
        raise NotMergeable(_("This is one and the same."))
    if kept.merged_into_id or not kept.is_active:
        raise NotMergeable(_("%(name)s is not in use.") % {"name": kept})
    if kept.pk in Subject.objects.branch(gone.pk):
        raise NotMergeable(_("%(name)s stands below it: move it elsewhere first.") % {"name": kept})


@transaction.atomic
def merge(gone: Subject, kept: Subject, *, by: User) -> SubjectMerge:
    """From now on it counts as the other one, and rules that name it name that. Raises
    NotMergeable."""
    gone, kept = _locked(gone, kept)
    check(gone, kept)
    journal = SubjectMerge(kept=kept, gone=gone, by=by, was_active=gone.is_active)
    for column in _columns():
        keys = list(column.movable(gone, kept).order_by("pk").values_list("pk", flat=True))
        if keys:
            column.rows(gone).filter(pk__in=keys).update(**{column.field.name: kept})
            journal.moved[column.name] = keys
    gone.merged_into, gone.is_active = kept, False
    gone.save(update_fields=["merged_into", "is_active"])
    journal.save()
    _record(AuditEntry.Verb.MERGED, gone, by)
    return journal


@transaction.atomic
def undo(gone: Subject, *, by: User) -> SubjectMerge:
    """It counts for itself again; what still names the other one because of the merge names it
    again, but for what was taken off or changed since. Raises NotUndoable."""
    journal = SubjectMerge.objects.select_for_update(of=("self",)).filter(
        gone=gone, undone_at=None
    ).select_related("kept").first()  # fmt: skip
    if journal is None:
        raise NotUndoable(_("It is not merged."))
    gone, kept = _locked(gone, journal.kept)
    if kept.merged_into_id:
        raise NotUndoable(_("%(name)s was merged since: undo that first.") % {"name": kept})
    gone.merged_into, gone.is_active = None, journal.was_active
    gone.save(update_fields=["merged_into", "is_active"])
    for column in _columns():
        came = journal.moved.get(column.name, [])
        keys = list(column.movable(kept, gone).filter(pk__in=came).values_list("pk", flat=True))
        column.rows(kept).filter(pk__in=keys).update(**{column.field.name: gone})
    journal.undone_at, journal.undone_by = clock.now(), by
    journal.save(update_fields=["undone_at", "undone_by"])
    _record(AuditEntry.Verb.UNMERGED, gone, by)
    return journal


def _locked(one: Subject, other: Subject) -> tuple[Subject, Subject]:
    """In the order of their keys. The whole tree: loops are made by two at once."""
    rows = {row.pk: row for row in Subject.objects.select_for_update(of=("self",)).order_by("pk")}
    return rows[one.pk], rows[other.pk]


def _record(verb: str, gone: Subject, by: User) -> None:
    audit.record(
        verb, model="crm.subject", object_id=gone.pk, fields=["merged_into"], actor_id=by.pk
    )
