"""Two records of one person: the suspicion, the merge, and what its undoing needs."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Customer


class MergeSuggestion(models.Model):
    """Two records may be one person. Nothing follows from it until somebody decides."""

    class Reason(models.TextChoices):
        PROVEN_BOTH = "proven_both", _("one visit proved to be both")
        SAME_PHONE = "same_phone", _("gave the other's phone number")
        SAME_MAIL = "same_mail", _("gave the other's email address")
        SAME_EXTERNAL = "same_external", _("gave the other's external number")
        SAME_BROWSER = "same_browser", _("used the other's browser")
        SAME_NAME = "same_name", _("the same name")

    # the elder record first, so that a pair is one row whichever came first
    elder = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("record"))
    younger = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", verbose_name=_("other record")
    )
    reasons = models.JSONField(_("why"), default=list)
    created_at = models.DateTimeField(_("since"), default=clock.now)
    dismissed_at = models.DateTimeField(_("set aside"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["elder", "younger"], name="suggested_once"),
            models.CheckConstraint(
                condition=Q(elder__lt=F("younger")), name="elder_before_younger"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elder_id} = {self.younger_id}?"

    @property
    def both(self) -> tuple[Customer, Customer]:
        return self.elder, self.younger

    @property
    def reason_labels(self) -> list[str]:
        return [str(self.Reason(code).label) for code in self.reasons]


class Merge(models.Model):
    """One record went into another: the journal, with all that undoing it needs."""

    kept = models.ForeignKey(
        Customer, models.CASCADE, related_name="merges", verbose_name=_("record kept")
    )
    gone = models.ForeignKey(
        Customer, models.CASCADE, related_name="merged_by", verbose_name=_("record merged into it")
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # field → value of the kept record, before and after; personal: the row goes with either of them
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # table (crm.registry.Belonging) → keys of the rows that came with the other record
    moved = models.JSONField(default=dict)
    # the same, of rows that the merge itself made: a stricter consent
    made = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="merged_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"
