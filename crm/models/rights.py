"""Who was let in to a record that their queues do not lead to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Customer


class CustomerGrant(models.Model):
    """A colleague may see a customer for a while: they knew an identity to the last character, or
    made the record themselves. Real time: it guards a door."""

    class Reason(models.TextChoices):
        IDENTITY = "identity", _("knew an identity exactly")
        CREATED = "created", _("made the record")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grants")
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    until = models.DateTimeField(_("until"))
    created_at = models.DateTimeField(_("given"), default=clock.wall)

    class Meta:
        verbose_name = _("let in")
        verbose_name_plural = _("let in")
        constraints = [models.UniqueConstraint(fields=["user", "customer"], name="let_in_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.customer_id}"
