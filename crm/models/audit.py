"""Who saw, changed, exported, merged or erased which record.

Rows are only ever added: triggers refuse UPDATE, DELETE (but of looks older than a year) and
TRUNCATE, and the application's role
cannot take the triggers away (docs/operations.md, two roles). So nothing here is a foreign key: a
record and a colleague may leave, the entry stays. Personal values lie beside, in AuditValue, which
erasure empties."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock


class AuditEntry(models.Model):
    """One thing done to one record, or to a row of them (`object_id` to `object_last`)."""

    class Verb(models.TextChoices):
        SAW = "saw", pgettext_lazy("audit", "saw")
        CREATED = "created", pgettext_lazy("audit", "created")
        CHANGED = "changed", pgettext_lazy("audit", "changed")
        DELETED = "deleted", pgettext_lazy("audit", "deleted")
        FOUND = "found", pgettext_lazy("audit", "opened by exact identity")
        EXPORTED = "exported", pgettext_lazy("audit", "exported")
        IMPORTED = "imported", pgettext_lazy("audit", "imported")
        MERGED = "merged", pgettext_lazy("audit", "merged")
        UNMERGED = "unmerged", pgettext_lazy("audit", "undid a merge")
        ERASED = "erased", pgettext_lazy("audit", "erased")
        WHISPERED = "whispered", pgettext_lazy("audit", "whispered to its agent")
        TOOK_OVER = "took_over", pgettext_lazy("audit", "took over")

    at = models.DateTimeField(_("when"), default=clock.wall)  # real time
    actor_id = models.BigIntegerField(_("who"), null=True, blank=True)  # null: the system
    door = models.CharField(_("through"), max_length=12, blank=True)
    verb = models.CharField(_("what"), max_length=10, choices=Verb)
    model = models.CharField(_("kind of record"), max_length=60)  # "crm.customer"
    object_id = models.BigIntegerField(_("record"), null=True, blank=True)
    object_last = models.BigIntegerField(null=True, blank=True)
    count = models.PositiveIntegerField(_("records"), default=1)
    customer_id = models.BigIntegerField(_("customer"), null=True, blank=True)
    fields = ArrayField(
        models.CharField(max_length=80), verbose_name=_("fields"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["customer_id", "-id"], name="audit_of_customer"),
            models.Index(fields=["model", "object_id", "-id"], name="audit_of_record"),
            models.Index(fields=["actor_id", "-id"], name="audit_of_actor"),
            models.Index(fields=["at"], condition=models.Q(verb="saw"), name="audit_looks"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.model} {self.object_id or ''}".strip()


class AuditValue(models.Model):
    """What a field said before and after; goes with the person it is about."""

    entry = models.ForeignKey(
        AuditEntry, models.DO_NOTHING, related_name="values", verbose_name=_("entry")
    )
    field = models.CharField(_("field"), max_length=80)
    before = models.TextField(_("before"), null=True, blank=True)  # noqa: DJ001 (null: no value)
    after = models.TextField(_("after"), null=True, blank=True)  # noqa: DJ001 (null: no value)

    class Meta:
        verbose_name = _("audited value")
        verbose_name_plural = _("audited values")

    def __str__(self) -> str:
        return self.field
