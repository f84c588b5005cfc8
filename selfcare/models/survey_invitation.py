"""Who was asked after which exchange, or why not."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.models import Agent, Customer, Interaction

from .survey import SurveyVersion


class SurveyInvitation(models.Model):
    """The verdict on one closed interaction: asked, or why not. Exactly one per interaction."""

    class Verdict(models.TextChoices):
        SENT = "sent", _("asked")
        REST_PERIOD = "rest_period", _("asked recently")
        NO_ADDRESS = "no_address", _("no address")
        OPTED_OUT = "opted_out", _("objected to surveys")
        TRIVIAL = "trivial", _("silent or without exchange")
        SPAM = "spam", _("spam")
        TEST = "test", _("test")
        HANDED_ON = "handed_on", _("goes on in another exchange")
        MERGED = "merged", _("merged into another exchange")
        ABANDONED = "abandoned", _("left before an answer")
        CANCELLED = "cancelled", _("cancelled by the customer")
        NOT_REACHED = "not_reached", _("could not be reached")
        SAMPLED_OUT = "sampled_out", _("not in the sample")
        REOPENED = "reopened", _("reopened before it went")
        NO_SURVEY = "no_survey", _("no survey fits")
        HARD = "hard", _("a hard moment")
        ROBOT = "robot", _("not written by a person")

    class State(models.TextChoices):
        WITHHELD = "withheld", pgettext_lazy("survey", "not sent")
        DUE = "due", _("to be sent")
        SENT = "sent", pgettext_lazy("survey", "sent")
        ANSWERED = "answered", pgettext_lazy("survey", "answered")

    class Delivery(models.TextChoices):
        NONE = "", _("none")
        CARD = "card", _("card in the chat")
        MAIL = "mail", _("email")

    interaction = models.OneToOneField(
        Interaction,
        models.CASCADE,
        related_name="survey_invitation",
        verbose_name=_("interaction"),
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="survey_invitations", verbose_name=_("customer")
    )
    version = models.ForeignKey(
        SurveyVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("survey"),
    )
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict)
    # keys of questions that this person was asked too recently: page, card and answers skip them
    left_out = models.JSONField(_("questions left out"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WITHHELD)
    delivery = models.CharField(_("delivery"), max_length=4, choices=Delivery, blank=True)
    # as of the closing that the verdict is about
    agent = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="survey_invitations",
        verbose_name=_("agent credited"),
    )
    closed_at = models.DateTimeField(_("closed"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # real time: it guards a link
    expires_at = models.DateTimeField(_("link valid until"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # when the one reminder goes; emptied by whoever sends it, or finds that it must not go
    remind_at = models.DateTimeField(_("reminder due"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    created_at = models.DateTimeField(_("decided"), default=clock.now)

    class Meta:
        verbose_name = _("survey invitation")
        verbose_name_plural = _("survey invitations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="withheld") | Q(verdict="sent"), name="only_the_asked_are_sent"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "answered"]) | Q(sent_at__isnull=False),
                name="sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(remind_at=None) | Q(reminded_at=None), name="survey_reminded_once"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-due_at"], name="asked_of_customer"),
            models.Index(fields=["due_at"], condition=Q(state="due"), name="survey_due"),
            models.Index(
                fields=["remind_at"],
                condition=Q(remind_at__isnull=False),
                name="survey_remind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id}: {self.verdict}"

    def questions(self) -> list[dict[str, Any]]:
        """What this person is asked."""
        asked = self.version.questions if self.version else []
        return [question for question in asked if question["key"] not in self.left_out]
