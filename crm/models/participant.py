"""Who takes part in an exchange."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Customer
from .interaction import Interaction
from .team import Agent


class Participant(models.Model):
    """Who takes part in an interaction, and how far they have read."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        AGENT = "agent", _("agent")
        ASSIST = "assist", _("assisting")
        LISTENER = "listener", _("listening in")
        COPY = "copy", _("in copy")
        STRANGER = "stranger", _("wrote without being known")

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="participants")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="+")
    address = models.EmailField(_("address"), blank=True)
    # numbers of the participant's own audience
    delivered_seq = models.PositiveIntegerField(default=0)
    read_seq = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # was handed it and did not answer in time: somebody else comes first for a while
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        indexes = [
            models.Index(
                fields=["agent"],
                condition=Q(role="assist", left_at=None),
                include=["interaction"],
                name="assists_now",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "agent"],
                condition=Q(agent__isnull=False),
                name="agent_takes_part_once",
            ),
            models.UniqueConstraint(
                fields=["interaction", "customer"],
                condition=Q(customer__isnull=False),
                name="customer_takes_part_once",
            ),
            models.UniqueConstraint(
                fields=["interaction", "address"],
                condition=~Q(address=""),
                name="address_takes_part_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.role}"
