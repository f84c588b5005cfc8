"""What an interaction is about."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .bilingual import Bilingual
from .hours import Schedule
from .queue import Queue


class SubjectQuerySet(models.QuerySet["Subject"]):
    def with_hours(self) -> "SubjectQuerySet":
        """All that tells their hours, for a tree of three levels; a deeper one asks row by row."""
        return self.select_related(
            "queue__schedule", "off_hours_queue", "schedule",
            "parent__schedule", "parent__parent__schedule",
        )  # fmt: skip

    def leaves(self) -> "SubjectQuerySet":
        """What people may ask about: in use, led to a queue, nothing in use below."""
        below = self.model.objects.filter(is_active=True, parent__isnull=False).values("parent")
        return self.filter(is_active=True, queue__isnull=False).exclude(pk__in=below)

    def called(self, slug: str) -> "SubjectQuerySet":
        """By its short name, or by that of one that was merged into it."""
        was = self.model.objects.filter(slug=slug, merged_into__isnull=False).values("merged_into")
        return self.filter(Q(slug=slug, merged_into=None) | Q(pk__in=was))

    def branch(self, top: int) -> set[int]:
        """A subject, or what it counts as by now, with all that stands below it."""
        rows = list(self.values_list("pk", "parent", "merged_into"))
        found, size = {next((now for pk, _above, now in rows if pk == top), None) or top}, 0
        while len(found) != size:
            size = len(found)
            found |= {pk for pk, parent, _now in rows if parent in found}
        return found

    def current(self) -> dict[int, int]:
        """Subject → as which it counts by now."""
        return {pk: now or pk for pk, now in self.values_list("pk", "merged_into")}

    def second_level(self) -> dict[int, int]:
        """Subject → its ancestor on the second level of the tree, or itself above; of a merged
        one, that of what it counts as."""
        parents, merged = {}, {}
        for pk, parent, now in self.values_list("pk", "parent", "merged_into"):
            parents[pk] = parent
            if now:
                merged[pk] = now
        found = {}
        for key in parents:
            path = [key]
            while (above := parents.get(path[-1])) and above not in path:
                path.append(above)
            found[key] = path[-2] if len(path) > 1 else path[-1]
        return found | {key: found[now] for key, now in merged.items() if now in found}


class Subject(Bilingual):
    """A leaf or a branch of the tree of subjects; it leads to a queue."""

    slug = models.SlugField(_("short name"), unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
        verbose_name=_("queue"),
    )
    schedule = models.ForeignKey(
        Schedule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subjects",
        verbose_name=_("own opening hours"),
        help_text=_("Empty: those of the branch it stands on, else the hours of its queue."),
    )
    off_hours_queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="off_hours_subjects",
        verbose_name=_("queue outside its queue's hours"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    priority = models.SmallIntegerField(
        _("priority"),
        default=0,
        help_text=_("Each step is worth ten minutes of waiting; -3 to 3."),
        validators=[MinValueValidator(-3), MaxValueValidator(3)],
    )
    is_active = models.BooleanField(_("in use"), default=True)
    # always one that is not merged itself (SubjectMerge)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("counts as"),
    )

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(is_active=False) & ~Q(merged_into=F("id")),
                name="merged_subject_is_retired",
            )
        ]

    @property
    def current(self) -> "Subject":
        """As which it counts by now: itself, if it was never merged."""
        return self.merged_into or self

    def hours(self) -> Schedule | None:
        """Its own, else those of the nearest branch above that has some, else its queue's; None
        when it leads nowhere."""
        if self.schedule_id is None:
            branch, seen = self.parent, {self.pk}
            while branch is not None and branch.pk not in seen:
                if branch.schedule_id:
                    return branch.schedule
                seen.add(branch.pk)
                branch = branch.parent
        return self.schedule or (self.queue.schedule if self.queue else None)

    def is_open(self, at: datetime) -> bool:
        hours = self.hours()
        return hours is not None and hours.is_open(at)

    def queue_at(self, at: datetime) -> Queue | None:
        """The queue that serves it at that moment; outside the queue's hours, the other one."""
        if self.off_hours_queue and self.queue and not self.queue.schedule.is_open(at):
            return self.off_hours_queue
        return self.queue

    def other_than(self, queue: Queue) -> Queue | None:
        """Of the two queues that take turns with it, the other one; None for any third."""
        pair = [self.queue, self.off_hours_queue]
        return pair[1 - pair.index(queue)] if queue in pair else None


class SubjectMerge(models.Model):
    """One subject counts as another from then on: the journal, with what undoing needs. What was
    said of exchanges stays as it was said."""

    kept = models.ForeignKey(Subject, models.PROTECT, related_name="+", verbose_name=_("subject"))
    gone = models.ForeignKey(
        Subject, models.PROTECT, related_name="merges", verbose_name=_("merged subject")
    )
    at = models.DateTimeField(_("when"), default=clock.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    was_active = models.BooleanField(default=True)
    # table.column → keys of the rows that named the merged one and name the other since
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge of subjects")
        verbose_name_plural = _("merges of subjects")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="subject_merged_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"
