"""A low score is somebody's work: a team lead calls, writes, or says why not."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock

from .survey_answer import Answer, credited_to


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        return self.filter(done_at=None)

    def visible_to(self, user: Any) -> "FollowUpQuerySet":
        """Those of a lead's team, all to managers; agents have none."""
        if not user.has_perm("selfcare.view_followup"):
            return self.none()
        return self.filter(credited_to("answer__invitation__agent", user))


class FollowUp(models.Model):
    """One per answer, whatever happens to it afterwards: a changed mind still deserves a call."""

    answer = models.OneToOneField(
        Answer, models.CASCADE, related_name="follow_up", verbose_name=_("answer")
    )
    due_at = models.DateTimeField(_("due"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("taken by"),
    )  # fmt: skip
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("done by"),
    )  # fmt: skip
    done_at = models.DateTimeField(pgettext_lazy("follow-up", "done"), null=True, blank=True)
    note = models.TextField(_("what came of it"), blank=True)
    created_at = models.DateTimeField(_("opened"), default=clock.now)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = [F("done_at").desc(nulls_first=True), "due_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | ~Q(note=""), name="follow_up_done_with_a_note"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="follow_up_open")
        ]

    def __str__(self) -> str:
        return f"{self.answer}"
