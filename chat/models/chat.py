"""The chat's own row."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Agent, Interaction

from .site import Site


class Chat(models.Model):
    """What a conversation in the widget has beside its interaction."""

    interaction = models.OneToOneField(
        Interaction,
        models.CASCADE,
        primary_key=True,
        related_name="chat",
        verbose_name=_("interaction"),
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="chats", verbose_name=_("site"))
    page_url = models.CharField(_("page"), max_length=500, blank=True)
    page_title = models.CharField(_("page title"), max_length=200, blank=True)
    visitor_name = models.CharField(_("name given"), max_length=80, blank=True)
    # the agent the invitation named; somebody else may have had to take it
    promised_agent = models.ForeignKey(
        Agent,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent promised"),
    )
    # what it sold (docs/figures.md), noted by the agent
    order_reference = models.CharField(_("order"), max_length=60, blank=True)
    order_amount = models.DecimalField(
        _("amount"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    # made by the page that opened it, so that a repeated opening finds the same chat
    start_key = models.CharField(max_length=64, unique=True, editable=False)
    # when a silent customer was last asked whether they are still there
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    # the last message that was sent by mail to a customer who had gone, or who asked for it
    mailed_id = models.PositiveBigIntegerField(default=0, editable=False)
    # raised to revoke every token given out for this chat
    token_version = models.PositiveSmallIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        ordering = ["-interaction"]

    def __str__(self) -> str:
        return self.interaction.reference
