"""What was decided about one visitor."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Agent, Interaction, Queue, Subject, Visit

from .rule import InvitationRule
from .site import Site


class Invitation(models.Model):
    """One decision about one visitor: shown, or withheld and why. Nothing is decided unrecorded."""

    class State(models.TextChoices):
        SHOWN = "shown", _("shown")  # unanswered: holds one of its agent's places
        WITHHELD = "withheld", _("withheld")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")  # the place went before the answer

    class Reason(models.TextChoices):
        NONE = "", "-"
        TOO_SOON = "too_soon", _("arrived less than 5 seconds ago")
        EXCLUDED = "excluded", _("page without invitations")
        TYPING = "typing", _("was filling in a form")
        REFUSED = "refused", _("refused one before")
        ONCE = "once", _("already invited in this visit")
        IN_CHAT = "in_chat", _("already in a chat")
        CONSENT = "consent", _("needs consent")
        COOLDOWN = "cooldown", _("invited a few days ago")
        CLOSED = "closed", _("subject closed at that time")
        CLOSING = "closing", _("closes within 15 minutes")
        NOBODY = "nobody", _("no agent had a free place")
        PLACE_GONE = "place_gone", _("the agent's place went to somebody else")

    site = models.ForeignKey(Site, models.CASCADE, related_name="invitations")
    rule = models.ForeignKey(
        InvitationRule,
        models.SET_NULL,
        null=True,
        related_name="invitations",
        verbose_name=_("rule"),
    )
    visit = models.ForeignKey(
        Visit, models.CASCADE, related_name="invitations", verbose_name=_("visit")
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, related_name="+", verbose_name=_("subject")
    )
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, related_name="+", verbose_name=_("queue")
    )
    agent = models.ForeignKey(
        Agent,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("agent"),
    )
    page_url = models.CharField(_("page"), max_length=500)
    page_title = models.CharField(_("page title"), max_length=200, blank=True)
    seconds = models.PositiveIntegerField(_("seconds on the page"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True)
    created_at = models.DateTimeField(_("decided"), default=clock.now)
    # a withheld decision that was taken again keeps one row: how often, and the last time
    times = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last time"), default=clock.now)
    shown_at = models.DateTimeField(_("shown at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    interaction = models.OneToOneField(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitation",
        verbose_name=_("interaction"),
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=~Q(state="withheld"), name="one_invitation_a_visit"
            ),
            models.UniqueConstraint(
                fields=["visit", "rule", "reason"],
                condition=Q(state="withheld"),
                name="withheld_once_per_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="withheld") | ~Q(reason=""), name="withheld_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="shown") | Q(agent__isnull=False, expires_at__isnull=False),
                name="shown_names_an_agent_and_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["agent"], condition=Q(state="shown"), name="places_held"),
            models.Index(fields=["created_at"], name="invitation_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.page_title or self.page_url}: {self.get_state_display()}"
