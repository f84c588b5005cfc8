"""Customers whom a lead has blocked, for a time."""

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Customer
from .team import User


class Block(models.Model):
    """No new exchange from this customer until then: a lead's decision, with its reason."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="blocks", verbose_name=_("customer")
    )
    reason = models.CharField(
        _("reason"),
        max_length=300,
        validators=[MinLengthValidator(5)],
        help_text=_("Colleagues and auditors read it; the customer does not."),
    )
    until = models.DateTimeField(_("until"), help_text=_("It ends then by itself."))
    at = models.DateTimeField(_("since"), default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("blocked by"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lifted by")
    )

    class Meta:
        verbose_name = _("blocked customer")
        verbose_name_plural = _("blocked customers")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="block_ends_later"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "until"], condition=Q(lifted_at=None), name="block_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.reason}"
