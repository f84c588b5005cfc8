"""The lines of waiting interactions, and the rules by which each is served."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .bilingual import Bilingual
from .hours import Schedule


class Queue(Bilingual):
    """A line of waiting interactions with a team behind it."""

    class Mode(models.TextChoices):
        PUSH = "push", _("hand them out")  # the best free agent gets it
        PULL = "pull", _("agents take the next one")  # waits for "next, please"

    slug = models.SlugField(_("short name"), unique=True)
    schedule = models.ForeignKey(
        Schedule, models.PROTECT, related_name="queues", verbose_name=_("opening hours")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    teams = models.ManyToManyField(
        "crm.Team",
        blank=True,
        related_name="queues",
        verbose_name=_("teams"),
        help_text=_("Everybody of these teams stands behind the queue, newcomers too."),
    )
    languages = models.JSONField(
        _("languages"),
        default=list,
        blank=True,
        help_text=_("Other languages go to the overflow queue. None: all."),
    )
    channels = models.JSONField(
        _("channels"),
        default=list,
        blank=True,
        help_text=_("Others go to the overflow queue. None: all."),
    )
    mode = models.CharField(_("how it is served"), max_length=4, choices=Mode, default=Mode.PUSH)
    max_waiting = models.PositiveSmallIntegerField(
        _("most waiting at once"),
        null=True,
        blank=True,
        help_text=_("Who comes beyond is offered the other ways to reach us. Empty: no limit."),
    )
    overflow_queue = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("overflow queue"),
        help_text=_("Where those go whom nobody here has answered in time."),
    )
    overflow_minutes = models.PositiveSmallIntegerField(
        _("overflow after minutes"), default=5, validators=[MaxValueValidator(1440)]
    )
    offer_seconds = models.PositiveSmallIntegerField(
        _("first answer within seconds"),
        default=60,
        help_text=_(
            "Handed to somebody else when the agent has not written (or called) by then. 0: never."
        ),
    )
    usual_seconds = models.PositiveSmallIntegerField(
        _("kept for the usual agent, seconds"),
        default=45,
        help_text=_("While that agent is wrapping up and will soon be free. 0: never."),
    )
    usual_days = models.PositiveSmallIntegerField(
        _("same agent again within days"),
        default=7,
        help_text=_("A customer who comes back within this time goes to the agent of last time."),
    )
    silent_minutes = models.PositiveSmallIntegerField(
        _("silent chats free their place after minutes"), default=5, help_text=_("0: never.")
    )
    silent_close_minutes = models.PositiveSmallIntegerField(
        _("silent chats close after minutes"), default=30, help_text=_("0: never.")
    )
    away_minutes = models.PositiveSmallIntegerField(
        _("a lost agent's work goes back after minutes"), default=3, help_text=_("0: never.")
    )

    wrap_up_seconds = models.PositiveSmallIntegerField(
        _("wrap-up, seconds"),
        null=True,
        blank=True,
        help_text=_(
            "Holds the place after the exchange until its closing code, at most so long. "
            "Empty: what is usual for the channel (chat 60, callback 90)."
        ),
    )
    wrap_up_more = models.PositiveSmallIntegerField(
        _("wrap-up may be prolonged, times"), default=2, help_text=_("0: never.")
    )
    wrap_up_more_seconds = models.PositiveSmallIntegerField(_("each time by seconds"), default=60)

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["position", "slug"]

    def clean(self) -> None:
        if self.pk and self.overflow_queue_id == self.pk:
            raise ValidationError({"overflow_queue": _("A queue cannot overflow into itself.")})
        for name in ("languages", "channels"):
            value = getattr(self, name)
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ValidationError({name: _('A list is expected: ["fr", "en"].')})

    def serves(self, channel: str, language: str) -> bool:
        """Whether this queue takes that channel and that language at all."""
        return (not self.channels or channel in self.channels) and (
            not self.languages or language[:2] in self.languages
        )
