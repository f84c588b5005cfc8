"""Surveys: after which exchanges they ask, how often, and what."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Interaction, Queue, Subject

_MAIL_DELAY = 10  # minutes: time to reopen, and the mail does not come on top of the last answer
_LONGEST_DELAY = 7 * 24 * 60


def valid_delays(value: Any) -> None:
    if not isinstance(value, dict) or not all(
        isinstance(minutes, int) and 0 <= minutes <= _LONGEST_DELAY for minutes in value.values()
    ):
        raise ValidationError(_("Minutes per channel, from 0 to 10080 (a week)."))


class Survey(models.Model):
    """What is asked after which exchanges, and how often of one person. Of the surveys in use the
    first in order that fits an exchange decides; an empty condition fits everything."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Read from the smallest on: the first that fits.")
    )
    channels = models.JSONField(
        _("channels"), default=list, blank=True, help_text=_("None ticked: all.")
    )
    queues = models.ManyToManyField(
        Queue, blank=True, related_name="+", verbose_name=_("queues"), help_text=_("Empty: any.")
    )
    subjects = models.ManyToManyField(
        Subject,
        blank=True,
        related_name="+",
        verbose_name=_("subjects"),
        help_text=_("With all that stands below them. Empty: any."),
    )
    outcomes = models.JSONField(
        _("outcomes"), default=list, blank=True, help_text=_("None ticked: all.")
    )
    languages = models.JSONField(
        _("languages"), default=list, blank=True, help_text=_("None ticked: all.")
    )
    sample_percent = models.PositiveSmallIntegerField(
        _("sample in %"), default=100, validators=[MaxValueValidator(100)]
    )
    rest_days = models.PositiveSmallIntegerField(
        _("rest period in days"),
        default=30,
        help_text=_("Nobody is asked twice within it, over all channels and all surveys."),
    )
    effort_days = models.PositiveSmallIntegerField(
        _("days between two questions of effort"),
        default=30,
        help_text=_("Who was asked within them does not see the question; the rest is asked."),
    )
    recommendation_days = models.PositiveSmallIntegerField(
        _("days between two questions of recommendation"),
        default=180,
        help_text=_("Who was asked within them does not see the question; the rest is asked."),
    )
    # minutes by name of channel
    delays = models.JSONField(
        _("minutes before it is asked"), default=dict, blank=True, validators=[valid_delays]
    )
    reminder_days = models.PositiveSmallIntegerField(
        _("days before the reminder"),
        default=3,
        help_text=_("One, by email only, to who has not answered. 0: none."),
    )
    expires_days = models.PositiveSmallIntegerField(
        _("days to answer"), default=14, validators=[MaxValueValidator(30)]
    )
    change_hours = models.PositiveSmallIntegerField(
        _("hours to change an answer"),
        default=24,
        help_text=_("What was said before is kept."),
    )
    follow_up_at = models.PositiveSmallIntegerField(
        _("satisfaction that opens a follow-up"),
        default=2,
        validators=[MaxValueValidator(5)],
        help_text=_("For the team lead of whoever is credited, at this score and below. 0: none."),
    )
    follow_up_hours = models.PositiveSmallIntegerField(
        _("hours to follow up"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text=_("In the opening hours of the queue."),
    )
    # the questions that are being written; customers get the latest version
    draft = models.JSONField(_("draft"), null=True, blank=True, editable=False)
    # exchanges closed before it existed are never asked about
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def fits(self, interaction: Interaction, branch: Collection[int]) -> bool:
        """Does it ask after this exchange? `branch`: its subject and all above it."""
        subjects = {subject.pk for subject in self.subjects.all()}
        queues = {queue.pk for queue in self.queues.all()}
        return (
            interaction.channel in (self.channels or [interaction.channel])
            and interaction.outcome in (self.outcomes or [interaction.outcome])
            and interaction.language[:2] in (self.languages or [interaction.language[:2]])
            and (not queues or interaction.queue_id in queues)
            and (not subjects or not subjects.isdisjoint(branch))
        )

    def delay(self, channel: str) -> timedelta:
        """After closing. In the chat at once: the customer is still there."""
        usual = 0 if channel == "chat" else _MAIL_DELAY
        return timedelta(minutes=self.delays.get(channel, usual))


class SurveyVersion(models.Model):
    """The questions as they were asked; answers keep the version they answered. Never changed:
    another wording is another version (the database refuses an update)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    # as selfcare.services.questions describes them
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
