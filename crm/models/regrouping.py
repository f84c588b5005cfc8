"""Exchanges put together or apart by hand: merged, split, linked."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import User


class RegroupingQuerySet(models.QuerySet["Regrouping"]):
    def in_force(self) -> "RegroupingQuerySet":
        return self.filter(undone_at=None)

    def merges(self) -> "RegroupingQuerySet":
        return self.filter(kind=Regrouping.Kind.MERGE)


class Regrouping(models.Model):
    """One such step, with what it moved, so that it can be taken back: the journal. A merge in
    force is also the sign on the door: whoever asks for `source` is shown to `target`."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("merged")  # what was said in source is in target now
        SPLIT = "split", _("split off")  # a part of source is in target, made for it
        LINK = "link", _("linked")  # they concern each other; nothing moved

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    source = models.ForeignKey(Interaction, models.CASCADE, related_name="regrouped_to")
    target = models.ForeignKey(Interaction, models.CASCADE, related_name="regrouped_from")
    moved = models.JSONField(default=list, blank=True)  # keys of messages
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("when"), default=clock.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = RegroupingQuerySet.as_manager()

    class Meta:
        verbose_name = _("regrouping")
        verbose_name_plural = _("regroupings")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(kind="merge", undone_at=None),
                name="merged_into_one",
            ),
            models.UniqueConstraint(
                fields=["source", "target"],
                condition=Q(kind="link", undone_at=None),
                name="linked_once",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="regroups_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
