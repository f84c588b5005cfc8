"""What mail hangs on an interaction."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Interaction

from .mailbox import Mailbox


class Ticket(models.Model):
    """The written channel's own row of an interaction: customers read "request no. 2611-0042"."""

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="ticket"
    )
    # where it came in, hence from which address it is answered
    mailbox = models.ForeignKey(
        Mailbox,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("mailbox"),
    )
    # of the form it was opened with, so that a form sent twice is one request
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("mail request")
        verbose_name_plural = _("mail requests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.interaction.reference
