"""Surveys: what is asked, who was asked (or why not), and what they answered."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.models import Agent, Customer, Interaction


class Survey(models.Model):
    """What is asked after which exchanges, and how often of one person."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    channels = models.JSONField(
        _("channels"), default=list, blank=True, help_text=_('["chat", "mail"]; []: all')
    )
    rest_days = models.PositiveSmallIntegerField(
        _("rest period in days"),
        default=30,
        help_text=_("Nobody is asked twice within it, over all channels."),
    )
    sample_percent = models.PositiveSmallIntegerField(
        _("sample in %"), default=100, validators=[MaxValueValidator(100)]
    )
    mail_delay_minutes = models.PositiveSmallIntegerField(
        _("minutes before a mail goes"),
        default=10,
        help_text=_("If the exchange is reopened meanwhile, nothing is sent."),
    )
    expires_days = models.PositiveSmallIntegerField(_("days to answer"), default=14)
    change_hours = models.PositiveSmallIntegerField(_("hours to change an answer"), default=24)
    # exchanges closed before it existed are never asked about
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def covers(self, channel: str) -> bool:
        return self.is_active and (not self.channels or channel in self.channels)


class SurveyVersion(models.Model):
    """The questions as they were asked; answers keep the version they answered."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    # [{"key": "score", "kind": "satisfaction", "text": {"fr": …, "en": …},
    #   "ends": {"fr": [low, high], "en": …}}]
    questions = models.JSONField(_("questions"), default=list)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["survey", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.survey} v{self.number}"

    def questions_in(self, language: str) -> list[dict[str, Any]]:
        """The questions with the words of one language."""
        lang = "en" if language.startswith("en") else "fr"
        return [
            {
                **question,
                "text": question["text"].get(lang) or question["text"]["fr"],
                "ends": question.get("ends", {}).get(lang, []),
            }
            for question in self.questions
        ]


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
        NO_SURVEY = "no_survey", _("no survey for this channel")

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
        ]
        indexes = [
            models.Index(fields=["customer", "-due_at"], name="asked_of_customer"),
            models.Index(fields=["due_at"], condition=Q(state="due"), name="survey_due"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id}: {self.verdict}"


class Answer(models.Model):
    """What a customer answered; the present version of it."""

    class Via(models.TextChoices):
        CARD = "card", _("card in the chat")
        MAIL = "mail", _("email")
        PORTAL = "portal", _("portal")

    invitation = models.OneToOneField(
        SurveyInvitation, models.CASCADE, related_name="answer", verbose_name=_("invitation")
    )
    score = models.PositiveSmallIntegerField(
        _("satisfaction"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    effort = models.PositiveSmallIntegerField(
        _("effort"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
    )
    recommendation = models.PositiveSmallIntegerField(
        _("recommendation"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    solved = models.BooleanField(_("solved, says the customer"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    via = models.CharField(_("answered by"), max_length=6, choices=Via)
    answered_at = models.DateTimeField(_("answered"))
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=5), name="answer_score_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(effort=None) | Q(effort__gte=1, effort__lte=7),
                name="answer_effort_1_to_7",
            ),
            models.CheckConstraint(
                condition=Q(recommendation=None) | Q(recommendation__lte=10),
                name="answer_recommendation_0_to_10",
            ),
        ]
        indexes = [models.Index(fields=["answered_at"], name="answer_by_time")]

    def __str__(self) -> str:
        return f"{self.score}/5"


class AnswerChange(models.Model):
    """What an answer said before the customer changed it."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="changes")
    before = models.JSONField(_("before"))
    at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("changed answer")
        verbose_name_plural = _("changed answers")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.at:%d/%m/%Y %H:%M}"
