"""A one-time code that proves who speaks in an exchange."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Identity
from .interaction import Interaction


class Verification(models.Model):
    """A code sent to an address that was on the record before the exchange began."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="verifications")
    identity = models.ForeignKey(Identity, models.SET_NULL, null=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("sent"), default=clock.now)
    # real time: it guards a door
    expires_at = models.DateTimeField(_("valid until"))
    tries = models.PositiveSmallIntegerField(_("wrong entries"), default=0)
    # used, replaced by a newer code, or tried too often
    spent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction"], condition=Q(spent_at=None), name="one_code_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id}"
