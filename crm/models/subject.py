"""What an interaction is about."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

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

    def second_level(self) -> dict[int, int]:
        """Subject → its ancestor on the second level of the tree, or itself above."""
        parents = dict(self.values_list("pk", "parent"))
        found = {}
        for key in parents:
            path = [key]
            while (above := parents.get(path[-1])) and above not in path:
                path.append(above)
            found[key] = path[-2] if len(path) > 1 else path[-1]
        return found


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

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        ordering = ["position", "pk"]

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
