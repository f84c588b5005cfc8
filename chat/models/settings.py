"""What a queue wants of its chats: patience with silence, and what it asks before."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import OwnField, Queue


class QueueSettings(models.Model):
    """A queue's own patience with silence; what is empty is the site's."""

    queue = models.OneToOneField(
        Queue,
        models.CASCADE,
        primary_key=True,
        related_name="chat_settings",
        verbose_name=_("queue"),
    )
    remind_minutes = models.PositiveSmallIntegerField(
        _("minutes until a reminder"),
        null=True,
        blank=True,
        help_text=_("The customer says nothing for so long: we ask. Empty: as the site; 0: never."),
    )
    silent_minutes = models.PositiveSmallIntegerField(
        _("minutes from the reminder to closing"),
        null=True,
        blank=True,
        help_text=_("The chat closes then; writing again opens it. Empty: as the site; 0: never."),
    )

    class Meta:
        verbose_name = _("chat settings of a queue")
        verbose_name_plural = _("chat settings of queues")

    def __str__(self) -> str:
        return str(self.queue)


class Question(models.Model):
    """One field of the form before a queue's chats; asked only of whom it is not known."""

    class Asks(models.TextChoices):
        NAME = "name", _("name")
        MAIL = "mail", _("email address")
        OWN = "own", _("own field")

    settings = models.ForeignKey(
        QueueSettings, models.CASCADE, related_name="questions", verbose_name=_("queue")
    )
    asks = models.CharField(_("asks for"), max_length=4, choices=Asks)
    own_field = models.ForeignKey(
        OwnField,
        models.CASCADE,
        null=True,
        blank=True,
        limit_choices_to={"about": OwnField.About.INTERACTION, "is_active": True},
        related_name="+",
        verbose_name=_("own field"),
        help_text=_("Of exchanges; only where an own field is asked for."),
    )
    is_required = models.BooleanField(
        _("must be answered"),
        default=False,
        help_text=_("Each field that must be filled costs you conversations: ask for little."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("question before the chat")
        verbose_name_plural = _("questions before the chat")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(asks="own", own_field__isnull=False)
                | (~Q(asks="own") & Q(own_field__isnull=True)),
                name="question_names_its_own_field",
                violation_error_message=_("An own field is named if and only if one is asked for."),
            ),
            models.UniqueConstraint(
                fields=["settings", "asks", "own_field"],
                nulls_distinct=False,
                name="question_once",
                violation_error_message=_("This is asked already."),
            ),
        ]

    def __str__(self) -> str:
        return self.own_field.name if self.own_field else self.get_asks_display()
