"""The same done to many records that somebody chose in a list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock


class BulkRun(models.Model):
    """One choice of records, what is done to each, and how far it is."""

    class State(models.TextChoices):
        NEW = "new", _("to be started")  # chosen; what to do with them is still to be said
        RUNNING = "running", _("running")
        DONE = "done", pgettext_lazy("bulk action", "done")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", pgettext_lazy("bulk action", "undone")

    act = models.CharField(_("what"), max_length=40)  # a name in crm.registry
    options = models.JSONField(_("with"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), default=clock.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=["running", "undoing"]), name="bulk_to_do"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class BulkRow(models.Model):
    """One record of a run: what became of it, and what it was before."""

    class Outcome(models.TextChoices):
        PENDING = "", _("pending")
        DONE = "done", pgettext_lazy("bulk action", "done")
        SKIPPED = "skipped", _("skipped")
        UNDONE = "undone", pgettext_lazy("bulk action", "undone")
        LEFT = "left", _("not undone")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    record_id = models.BigIntegerField(_("record"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    why = models.CharField(_("why"), max_length=300, blank=True)
    # numbers, codes and times only: nothing of a person
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("row of a bulk action")
        verbose_name_plural = _("rows of bulk actions")
        ordering = ["run", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "record_id"], name="bulk_row_once")]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="bulk_by_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.record_id}"
